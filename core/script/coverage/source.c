#include "script/coverage/source.h"

#include <string.h>

#include "script/bundle/lexer.h"

/* A construct that a keyword opened and another will close. */
enum opening {
    BLOCK = 0, /* closed by `end`, `until`, or `elseif` */
    FUNCTION,
    CONDITION, /* of `if`, `elseif` or `while`, up to `then` or `do` */
    CONSTANT,  /* the same, when it is the word `true` and decides nothing */
    LOOP,      /* the head of a `for`, up to `do` */
};

struct open {
    enum opening what;
    const char *begin; /* FUNCTION */
    int line;
};

struct scan {
    struct od_lexer lexer;
    struct od_source *source;
    struct od_arena *arena;
    struct od_buf *out;
    const char *copied; /* the text before it is in *out */
    bool *says;         /* [line] */
    struct open *opened;
    uint32_t depth;
    size_t cap;
};

/* Copies the text up to here, so that something else can follow. */
static void copy(struct scan *s, const char *upto)
{
    od_buf_append(s->out, s->copied, (size_t)(upto - s->copied));
    s->copied = upto;
}

static void open_block(struct scan *s, enum opening what)
{
    s->opened = od_arena_grow(s->arena, s->opened, s->depth, &s->cap, sizeof *s->opened);
    s->opened[s->depth++] = (struct open){what, s->lexer.at, s->lexer.line};
}

static struct open close_block(struct scan *s)
{
    return s->depth > 0 ? s->opened[--s->depth] : (struct open){.what = BLOCK};
}

/* Adds a branch, and returns its index. */
static uint32_t add_branch(struct scan *s, bool one_way)
{
    struct od_source *to = s->source;

    to->branches = od_arena_grow(s->arena, to->branches, to->branch_count, &to->branch_cap,
                                 sizeof *to->branches);
    to->branches[to->branch_count] =
        (struct od_source_branch){.line = s->lexer.line, .one_way = one_way};
    return to->branch_count++;
}

/* Whether `true` and nothing else stands between this place and the next keyword. */
static bool is_constant(struct od_lexer at)
{
    struct od_str word;

    od_lexer_blanks(&at);
    if (!od_str_is(od_lexer_name(&at), "true"))
        return false;
    od_lexer_blanks(&at);
    word = od_lexer_name(&at);
    return od_str_is(word, "do") || od_str_is(word, "then");
}

static void begin_condition(struct scan *s)
{
    if (is_constant(s->lexer)) {
        open_block(s, CONSTANT);
        return;
    }
    copy(s, s->lexer.at);
    od_buf_printf(s->out, " " OD_SOURCE_REPORT "(%u,", add_branch(s, false));
    open_block(s, CONDITION);
}

/* At `then` or `do`, which begins at `word`. */
static void begin_block(struct scan *s, const char *word)
{
    enum opening head = s->depth > 0 ? s->opened[s->depth - 1].what : BLOCK;

    if (head == CONDITION) {
        copy(s, word);
        od_buf_str(s->out, OD_STR(") "));
    }
    if (head == CONDITION || head == CONSTANT || head == LOOP)
        close_block(s);
    open_block(s, BLOCK);
}

static void begin_function(struct scan *s)
{
    while (od_lexer_peek(&s->lexer, 0) != '(' && s->lexer.at < s->lexer.end) {
        od_lexer_blanks(&s->lexer);
        if (od_lexer_name(&s->lexer).len == 0 && od_lexer_peek(&s->lexer, 0) != '(')
            od_lexer_skip(&s->lexer, 1); /* . or : */
    }
    open_block(s, FUNCTION);
}

static void end_block(struct scan *s)
{
    struct open open = close_block(s);
    struct od_source *to = s->source;

    if (open.what != FUNCTION)
        return;
    to->functions = od_arena_grow(s->arena, to->functions, to->function_count, &to->function_cap,
                                  sizeof *to->functions);
    to->functions[to->function_count++] = (struct od_source_function){
        od_str_n(open.begin, (size_t)(s->lexer.at - open.begin)), open.line};
}

/* Behind `and` or `or`: what makes the right side tell that it is reached, and changes nothing. */
static void mark_right_side(struct scan *s, const char *word, const char *value)
{
    copy(s, s->lexer.at);
    od_buf_printf(s->out, " " OD_SOURCE_REPORT "(%u,%s) %s", add_branch(s, true), value, word);
}

static void read_word(struct scan *s)
{
    struct od_str word = od_lexer_name(&s->lexer);

    if (!od_str_is(word, "end") && !od_str_is(word, "else"))
        s->says[s->lexer.line] = true;
    if (od_str_is(word, "function")) {
        begin_function(s);
    } else if (od_str_is(word, "if") || od_str_is(word, "while")) {
        begin_condition(s);
    } else if (od_str_is(word, "elseif")) {
        close_block(s);
        begin_condition(s);
    } else if (od_str_is(word, "then") || od_str_is(word, "do")) {
        begin_block(s, word.ptr);
    } else if (od_str_is(word, "for")) {
        open_block(s, LOOP);
    } else if (od_str_is(word, "repeat")) {
        open_block(s, BLOCK);
    } else if (od_str_is(word, "end") || od_str_is(word, "until")) {
        end_block(s);
    } else if (od_str_is(word, "and")) {
        mark_right_side(s, "and", "true");
    } else if (od_str_is(word, "or")) {
        mark_right_side(s, "or", "false");
    }
}

void od_source_read(struct od_source *source, struct od_arena *a, struct od_str text, bool *says,
                    struct od_buf *measured)
{
    struct scan s = {
        .lexer = {text.ptr, text.ptr + text.len, 1},
        .source = source,
        .arena = a,
        .out = measured,
        .copied = text.ptr,
        .says = says,
    };

    od_buf_reset(measured);
    od_buf_str(measured, OD_STR("local " OD_SOURCE_REPORT " = ... "));
    for (od_lexer_blanks(&s.lexer); s.lexer.at < s.lexer.end; od_lexer_blanks(&s.lexer)) {
        char c = *s.lexer.at;

        if (od_lexer_is_name(c)) {
            read_word(&s);
            continue;
        }
        if (!strchr(")]};,", c))
            says[s.lexer.line] = true;
        if (c == '"' || c == '\'')
            od_lexer_string(&s.lexer);
        else if (!od_lexer_long_bracket(&s.lexer))
            od_lexer_skip(&s.lexer, 1);
    }
    copy(&s, s.lexer.end);
}
