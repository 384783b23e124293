const SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1 };

/**
 * A duration as Docker writes it back: `90s` becomes `1m30s`, `60s` becomes `1m0s`. The provider compares texts, so any other
 * spelling would show as a change in every update.
 */
export function dockerDuration(text: string): string {
    if (!/^(\d+h)?(\d+m)?(\d+s)?$/.test(text) || text === "") {
        throw new Error(`"${text}" is no duration: write hours, minutes and seconds, e.g. 90s or 1m30s`);
    }
    const total = [...text.matchAll(/(\d+)([hms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit!]!, 0);
    const hours = Math.floor(total / 3600);
    const minutes = Math.floor((total % 3600) / 60);
    const parts = [hours > 0 && `${hours}h`, (hours > 0 || minutes > 0) && `${minutes}m`, `${total % 60}s`];
    return parts.filter(Boolean).join("");
}
