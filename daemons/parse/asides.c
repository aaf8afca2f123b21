/* Sentences beside an article, told by phrases. */
#include "parse/asides.h"

#include "libcommon/text.h"

#include <string.h>

enum {
    CAPTION_MOST = 1000, /* bytes */
    DEPICTS_MOST = 500,
    DEPICTS_LOOK = 200,
    PITCH_MOST = 700,
    NOTE_LOOK = 200,   /* bytes at the beginning that say what somebody is */
    CREDIT_LOOK = 110, /* bytes at the end that a credit stands in */
    SHORT = 280,
    NOTE_OPENING = 24,
    HEAD_MOST = 60,
    WINDOW = PITCH_MOST + 8,
};

/* All in normalised form (libcommon/text.h). */
static const char *const credits[] = {
    "getty images", "ap photo", "reuters/",    "/reuters",     "(photo",   "photo by",
    "photo:",       "photos:",  "photograph:", "(image",       "image:",   "(picture",
    "/afp",         "afp/",     "via ap)",     "/ap)",         "epa-efe",  "/epa",
    "alamy",        "credit:",  "courtesy of", "shutterstock", "handout)", "(pictured",
    "file photo",   "(pool",    "/pool",       "(صوره",        "(ارشيف",   "ارشيفيه)",
};

/* What words under a picture say of it, wherever they say it. */
static const char *const depicts[] = {", left,",     ", right,",    ", center,",    ", centre,",
                                      "(left)",      "(right)",     "(l)",          " is seen ",
                                      " are seen ",  "is pictured", "are pictured", "pictured at",
                                      "pictured in", "shown here"};

/* Agencies alone in brackets at the end of a short line that is no sentence. */
static const char *const bracketed[] = {"(رويترز)",   "(ا ف ب)",   "(اف ب)",        "(الفرنسيه)",
                                        "(الاناضول)", "(غيتي)",    "(اسوشيتد برس)", "(ا ب)",
                                        "(د ب ا)",    "(reuters)", "(ap)",          "(afp)"};

static const char *const caption_openings[] = {
    "file -",           "file photo", "photo:",       "image source", "image caption", "pictured:",
    "photo d archives", "picture:",   "صوره ارشيفيه", "الصوره:",      "صوره من",       "صوره:"};

static const char *const asks[] = {"newsletter",       "privacy policy",
                                   "privacy notice",   "terms of use",
                                   "terms of service", "terms and conditions",
                                   "sign up",          "signing up",
                                   "subscribe",        "subscription",
                                   "your email",       "email address",
                                   "your inbox",       "click here",
                                   "our app",          "follow us",
                                   "join us",          "unsubscribe",
                                   "cookies",          "become a member",
                                   "support us",       "submission guidelines",
                                   "log in",           "your account",
                                   "donate",           "our journalism"};

static const char *const arabic_asks[] = {"النشره البريديه",  "سياسه الخصوصيه", "حمل التطبيق",
                                          "تابعونا علي",      "تابعنا علي",     "اشترك في",
                                          "قناتنا علي",       "اضغط هنا",       "للاشتراك",
                                          "بريدك الالكتروني", "شروط الاستخدام", "تطبيقنا"};

/* What a pitch speaks to; a report on newsletters and cookies seldom does. */
static const char *const addressed[] = {
    " you ",      " your ",  " our ",     " us ",       " us.", " me ",   " i ",
    "click here", "sign up", "subscribe", "your email", "get ", "you’re", " you,"};

static const char *const notes[] = {
    "reporter",     "editor",    "journalist",   "correspondent",     "columnist",
    "contributor",  "freelance", "staff writer", "senior writer",     "a writer",
    "and writer",   "author of", "producer",     "news organization", "podcast",
    "bureau chief",
};

static const char *const note_openings[] = {"reporting by",
                                            "(reporting by",
                                            "additional reporting",
                                            "this story was originally",
                                            "this article was originally",
                                            "about the author",
                                            "editing by",
                                            "our standards:",
                                            "تحرير "};

#define ALL(list) list, sizeof(list) / sizeof *(list)

static const struct {
    const char *const *phrases;
    size_t count;
} lists[] = {
    {ALL(credits)},     {ALL(depicts)},   {ALL(bracketed)}, {ALL(caption_openings)}, {ALL(asks)},
    {ALL(arabic_asks)}, {ALL(addressed)}, {ALL(notes)},     {ALL(note_openings)},
};

const char *aside_phrase(size_t i)
{
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        if (i < lists[list].count)
            return lists[list].phrases[i];
        i -= lists[list].count;
    }
    return NULL;
}

/* Part of a line in normalised form, terminated. */
static size_t fold(struct span line, size_t from, size_t most, char out[WINDOW])
{
    size_t size = line.length - from < most ? line.length - from : most;
    while (from && ((unsigned char)line.text[from] & 0xc0) == 0x80)
        from++, size--;
    while (size && from + size < line.length &&
           ((unsigned char)line.text[from + size] & 0xc0) == 0x80)
        size--; /* not inside a character */
    size = text_fold(line.text + from, size, out);
    out[size] = '\0';
    return size;
}

static size_t holds(const char *folded, const char *const *list, size_t count)
{
    size_t met = 0;
    for (size_t i = 0; i < count; i++)
        met += strstr(folded, list[i]) != NULL;
    return met;
}

static bool begins(const char *folded, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(folded, list[i], strlen(list[i])) == 0)
            return true;
    return false;
}

static bool ends(const char *folded, size_t size, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(list[i]);
        if (size >= n && memcmp(folded + size - n, list[i], n) == 0)
            return true;
    }
    return false;
}

/* Whether a line has letters of ASCII, as far as a look at every eighth byte tells. */
static bool has_latin(struct span s)
{
    for (size_t i = 0; i < s.length; i += 8)
        if ((s.text[i] | 0x20) >= 'a' && (s.text[i] | 0x20) <= 'z')
            return true;
    return false;
}

bool aside_is_caption(struct span line)
{
    char folded[WINDOW];
    if (line.length > CAPTION_MOST || line.length < 8)
        return false;
    size_t from = line.length > CREDIT_LOOK ? line.length - CREDIT_LOOK : 0;
    struct span tail = {line.text + from, line.length - from};
    bool latin = has_latin(tail);
    if (latin || memchr(tail.text, '(', tail.length)) {
        size_t size = fold(line, from, CREDIT_LOOK, folded);
        if (holds(folded, ALL(credits)))
            return true;
        if (line.length < SHORT && ends(folded, size, ALL(bracketed)) &&
            !memmem(line.text, line.length, ". ", 2) && !memmem(folded, size, ".(", 2))
            return true;
    }
    fold(line, 0, latin ? 90 : 24, folded);
    if (begins(folded, ALL(caption_openings)))
        return true;
    if (!latin || line.length > DEPICTS_MOST)
        return false;
    if (strncmp(folded, "in this ", 8) == 0 && strstr(folded, "photo"))
        return true;
    fold(line, 0, DEPICTS_LOOK, folded);
    return holds(folded, ALL(depicts)) > 0;
}

bool aside_is_pitch(struct span line)
{
    char folded[WINDOW];
    bool latin = has_latin(line);
    if (line.length > (latin ? PITCH_MOST : SHORT))
        return false;
    fold(line, 0, PITCH_MOST, folded);
    if (!latin)
        return holds(folded, ALL(arabic_asks)) > 0;
    size_t met = holds(folded, ALL(asks));
    return met && (met > 1 || line.length < SHORT) && holds(folded, ALL(addressed));
}

bool aside_heads_note(struct span line)
{
    static const char *const heads[] = {"about ",   "uber ",     "a propos d", "sobre ",
                                        "نبذه عن ", "عن الكاتب", "hakkinda"};
    char folded[WINDOW];
    if (line.length > HEAD_MOST)
        return false;
    fold(line, 0, HEAD_MOST, folded);
    return begins(folded, ALL(heads));
}

bool aside_is_author_note(struct span line)
{
    char folded[WINDOW];
    bool latin =
        has_latin((struct span){line.text, line.length < NOTE_LOOK ? line.length : NOTE_LOOK});
    fold(line, 0, latin ? NOTE_LOOK : NOTE_OPENING, folded);
    if (begins(folded, ALL(note_openings)))
        return true;
    if (!latin)
        return false;
    const char *is = strstr(folded, " is a");
    if (!is)
        is = strstr(folded, " is the ");
    if (!is)
        is = strstr(folded, " was a ");
    return is && is - folded < 60 && holds(is, ALL(notes)) > 0;
}
