/** Defaults that more than one file needs. */

/** As in the deployment guide. Upstream's own image would write to `/data`, so the program is always told. */
export const DATA_PATH = "/usr/src/app/data";
export const DATABASE_FILE = "open_pectus_aggregator.sqlite3";
export const HOSTNAME = "GROUNDWORK-PECTUS";
export const ENGINE_DATA_PATH = "/var/lib/openpectus-engine";
export const AGGREGATOR_MEMORY = 1024;
/** Name of the aggregator on its Docker network. */
export const AGGREGATOR_ALIAS = "aggregator";
