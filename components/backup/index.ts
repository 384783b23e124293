export { Backup, backupCommands, backupContainer } from "./backup";
export { backupSchema, type BackupArgs, type BackupDirectory, type BackupSettings, type BackupSource } from "./args";
export { backupClaims, backupVolumes, checkBackup, type BackupSurroundings } from "./rules";
