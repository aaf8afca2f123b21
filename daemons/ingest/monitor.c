/* The lane's endpoint for those who watch it. */
#include "ingest/monitor.h"

#include "libcommon/health.h"
#include "libcommon/listener.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 16, IDLE_SECONDS = 10, CONNECTION_MEMORY = 16 * 1024 };

struct monitor {
    const struct settings *settings;
    struct MHD_Daemon *server;
    char socket_path[LISTENER_PATH_SIZE]; /* to be removed; "" for tcp */
};

struct answer {
    unsigned status;
    const char *type;
    struct buffer body;
};

static const char plain[] = "text/plain; charset=utf-8";

/* --- what is asked for --- */

static void tell_metrics(struct monitor *m, struct health *h, struct MHD_Connection *c,
                         struct answer *a)
{
    (void)m;
    const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    bool open = accept && strstr(accept, "application/openmetrics-text");
    enum metrics_form form = open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
    a->type = metrics_content_type(form);
    metrics_write(&h->lane, form, &a->body);
}

static void tell_alive(struct monitor *m, struct health *h, struct MHD_Connection *c,
                       struct answer *a)
{
    (void)m;
    (void)c;
    a->status = h->alive ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    buffer_append_string(&a->body, h->alive ? "alive\n" : "the loop of ingest hangs\n");
}

static void tell_ready(struct monitor *m, struct health *h, struct MHD_Connection *c,
                       struct answer *a)
{
    (void)m;
    (void)c;
    a->status = h->ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    if (h->ready)
        buffer_append_string(&a->body, "ready\n");
    else
        buffer_append(&a->body, h->reasons.data, h->reasons.size);
}

static const struct {
    const char *path;
    void (*tell)(struct monitor *m, struct health *h, struct MHD_Connection *c, struct answer *a);
} pages[] = {
    {"/metrics", tell_metrics},
    {"/healthz", tell_alive  },
    {"/readyz",  tell_ready  }
};

static void find_answer(struct monitor *m, struct MHD_Connection *c, const char *url,
                        struct answer *a)
{
    size_t i = 0;
    while (i < sizeof pages / sizeof *pages && strcmp(pages[i].path, url) != 0)
        i++;
    if (i == sizeof pages / sizeof *pages) {
        a->status = MHD_HTTP_NOT_FOUND;
        buffer_append_string(&a->body, "there are /metrics, /healthz and /readyz\n");
        return;
    }
    struct health *h = calloc(1, sizeof *h);
    if (!h) {
        a->body.failed = true;
        return;
    }
    const struct settings *s = m->settings;
    health_look(s->lane.name, s->lane.run_dir, s->monitor.stall_seconds, h);
    pages[i].tell(m, h, c, a);
    health_free(h);
    free(h);
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(a->body.size, a->body.data, MHD_RESPMEM_MUST_FREE);
    if (!r) {
        buffer_free(&a->body);
        return MHD_NO;
    }
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(c, a->status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result take_request(void *user, struct MHD_Connection *c, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_size, void **connection_user)
{
    struct answer a = {.status = MHD_HTTP_OK, .type = plain};
    (void)version;
    (void)data;
    (void)data_size;
    (void)connection_user;
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0) {
        find_answer(user, c, url, &a);
    } else {
        a.status = MHD_HTTP_METHOD_NOT_ALLOWED;
        buffer_append_string(&a.body, "only GET and HEAD\n");
    }
    if (a.body.failed) {
        buffer_free(&a.body);
        return MHD_NO; /* the connection is closed: the watcher sees that something is wrong */
    }
    return send_answer(c, &a);
}

int monitor_new(const struct settings *s, struct monitor **ret)
{
    struct monitor *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->settings = s;
    int fd = -1;
    int e = listener_open(s->monitor.listen, s->lane.run_dir, "monitor", m->socket_path, &fd);
    if (!e) {
        m->server = MHD_start_daemon(
            MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, take_request, m,
            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
        e = m->server ? 0 : -ENOMEM;
    }
    if (e < 0) {
        if (fd >= 0)
            close(fd);
        free(m);
        return e;
    }
    *ret = m;
    return 0;
}

struct monitor *monitor_free(struct monitor *m)
{
    if (!m)
        return NULL;
    MHD_stop_daemon(m->server); /* closes the socket too */
    if (m->socket_path[0])
        unlink(m->socket_path);
    free(m);
    return NULL;
}
