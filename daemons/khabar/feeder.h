/* The feeding side of a lane's intake: hands documents in until each has its answer, accepted or refused.
 *
 * A request is [number][empty][metadata as JSON][bytes], its answer [number][empty][text], with the text one of
 * "accepted <id>", "busy <milliseconds>", "refused <why>". Answers come in any order. What was not answered, because
 * the lane was away or died, is sent again under the same id, which the lane accepts once. */
#pragma once

#include "khabar/documents.h"
#include "libcommon/curve_key.h"

#include <stdbool.h>
#include <stddef.h>

struct feeder;

struct feeder_keys {
    char secret[CURVE_KEY_SIZE], server[CURVE_KEY_SIZE];
};

/* key: file of the secret key, or credential:NAME; server: the lane's public key, or a file with it. Both NULL: *ret is given
 * as NULL. 0; -EINVAL, complained of: one without the other, or no key. */
int feeder_keys_read(const char *key, const char *server, struct feeder_keys *keys,
                     const struct feeder_keys **ret);

struct feeder_options {
    const char *endpoint;
    const struct feeder_keys *keys; /* of CURVE; NULL: none */
    size_t window;       /* documents that may wait for an answer at a time */
    size_t window_bytes; /* and their bytes; one larger document goes alone */
    long patience_ms;    /* after so long without an answer a document is sent again */
};

/* Tells the end of a document; text is what the lane said: the id, or why. */
typedef void feeder_answered(void *context, const struct input_document *document, bool accepted,
                             const char *text);

/* Free *ret with feeder_free(). -EINVAL: the endpoint can't be connected to, or a key is none; -ENOMEM. */
int feeder_new(const struct feeder_options *options, feeder_answered *answered, void *context,
               struct feeder **ret);
struct feeder *feeder_free(struct feeder *f); /* NULL is fine; always returns NULL; forgets what is unanswered */

bool feeder_has_room(const struct feeder *f, size_t size); /* for a document of that size */
int feeder_put(struct feeder *f, struct input_document **document); /* takes it; needs room; -ENOMEM */

/* Sends what is due and takes what has come; waits at most timeout_ms, or until wake_fd (-1: none) is
 * readable. 0 or -errno. */
int feeder_turn(struct feeder *f, int wake_fd, long timeout_ms);

size_t feeder_pending(const struct feeder *f);   /* documents without their answer */
size_t feeder_put_off(const struct feeder *f);   /* how often the lane was busy */
long feeder_silent_ms(const struct feeder *f);   /* since the lane last said anything, or since the start */
bool feeder_connected(const struct feeder *f);
