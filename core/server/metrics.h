#ifndef OD_SERVER_METRICS_H
#define OD_SERVER_METRICS_H

struct od_buf;

/* Appends the metrics of the server's own parts, such as reload and feed, in Prometheus' text
 * format. ctx is the od_app. */
void od_app_metrics(void *ctx, struct od_buf *out);

#endif
