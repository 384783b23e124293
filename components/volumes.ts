/** A volume that a configuration keeps. */
export interface VolumeUse {
    /** Name of the host in the config. */
    host: string;
    /** Name in the program. On the host, the prefix stands before it. */
    name: string;
    /** Taken over from another state, whose mark it keeps. */
    adopted?: boolean;
}
