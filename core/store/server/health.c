#include "store/server/health.h"

/* The migration is looked up only where its table is: the statement is planned without it. */
const struct od_pg_stmt od_health_server = {
    .sql = "select current_setting('server_version_num')::int4 / 10000,"
           " current_setting('server_version'),"
           " case when to_regclass('schema_migration') is null then 0 else"
           " (xpath('/row/v/text()', query_to_xml('select max(version) as v from schema_migration',"
           " false, true, '')))[1]::text::int4 end,"
           " (select count(*) from pg_stat_activity where datname = current_database()"
           " and application_name = 'orderd feed'), clock_timestamp()",
};

const struct od_pg_stmt od_health_settings = {
    .sql = "select name, setting from pg_settings where name in ('fsync', 'full_page_writes',"
           " 'synchronous_commit', 'synchronous_standby_names') order by name",
};

const struct od_pg_stmt od_health_slots = {
    .sql = "select slot_name::text, coalesce(database::text, '') from pg_replication_slots"
           " where not active and (xmin is not null or catalog_xmin is not null) order by 1",
};
