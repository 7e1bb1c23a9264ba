#include <string.h>

#include "script/coverage/map.h"

/*
 * What the instructions of a function may lead to (lopcodes.h and lvm.c of Lua 5.4.4): which of
 * them can run at all, and which two may follow a conditional.
 */

enum { /* of lopcodes.h, those that matter here */
       OP_LOADI = 1,
       OP_LOADK = 3,
       OP_LFALSESKIP = 6,
       OP_LOADTRUE = 7,
       OP_MMBIN = 46,
       OP_MMBINK = 48,
       OP_JMP = 56,
       OP_EQ = 57,
       OP_TEST = 66,
       OP_TESTSET = 67,
       OP_TAILCALL = 69,
       OP_RETURN1 = 72,
       OP_FORLOOP = 73,
       OP_FORPREP = 74,
       OP_TFORPREP = 75,
       OP_TFORLOOP = 77,
       OP_VARARGPREP = 81,
       OP_EXTRAARG = 82,
};

/* The bias of a jump's distance. */
#define SJ_OFFSET ((1 << 24) - 1)

struct code {
    const unsigned char *bytes; /* four an instruction */
    uint32_t count;
};

static uint32_t instruction(const struct code *f, uint32_t pc)
{
    uint32_t i;

    memcpy(&i, f->bytes + (size_t)pc * sizeof i, sizeof i);
    return i;
}

static unsigned opcode(uint32_t i)
{
    return i & 0x7f;
}

static uint32_t argument_bx(uint32_t i)
{
    return i >> 15;
}

static bool is_conditional(unsigned op)
{
    return op >= OP_EQ && op <= OP_TESTSET;
}

/* Where the jump at pc leads; a conditional takes the jump behind it at once (lvm.c, donextjump).
 */
static uint32_t jump_target(const struct code *f, uint32_t pc)
{
    return pc + 1 + (instruction(f, pc) >> 7) - SJ_OFFSET;
}

/* What may run after the instruction at pc; equal when it is one. f->count: none. */
static void successors(const struct code *f, uint32_t pc, uint32_t next[2])
{
    uint32_t i = instruction(f, pc);
    unsigned op = opcode(i);

    next[0] = next[1] = pc + 1;
    if (is_conditional(op) && pc + 1 < f->count) {
        next[0] = pc + 2;
        next[1] = jump_target(f, pc + 1);
    } else if (op == OP_JMP) {
        next[0] = next[1] = jump_target(f, pc);
    } else if (op == OP_LFALSESKIP) {
        next[0] = next[1] = pc + 2;
    } else if (op >= OP_TAILCALL && op <= OP_RETURN1) {
        next[0] = next[1] = f->count;
    } else if (op == OP_FORLOOP || op == OP_TFORLOOP) {
        next[1] = pc + 1 - argument_bx(i);
    } else if (op == OP_FORPREP) {
        next[1] = pc + 2 + argument_bx(i);
    } else if (op == OP_TFORPREP) {
        next[0] = next[1] = pc + 1 + argument_bx(i);
    }
}

/* Marks as counted what can be reached at all: the compiler leaves jumps and returns behind others.
 */
static void mark_reachable(const struct code *f, struct od_instruction *all)
{
    bool changed = f->count > 0;

    if (changed)
        all[0].counted = true;
    while (changed) {
        changed = false;
        for (uint32_t pc = 0; pc < f->count; pc++) {
            uint32_t next[2];
            if (!all[pc].counted)
                continue;
            successors(f, pc, next);
            for (int i = 0; i < 2; i++) {
                if (next[i] >= f->count || all[next[i]].counted)
                    continue;
                all[next[i]].counted = true;
                changed = true;
            }
        }
    }
}

/* Metamethods' instructions run only for operands that have some, what follows TFORCALL or takes an
 * extra argument runs as part of it, and the first and the last of a function are the compiler's.
 */
static bool is_code(const struct code *f, uint32_t pc)
{
    unsigned op = opcode(instruction(f, pc));

    return !(op >= OP_MMBIN && op <= OP_MMBINK) && op != OP_EXTRAARG && op != OP_TFORLOOP &&
           op != OP_VARARGPREP && pc + 1 < f->count;
}

static bool is_jumped_to(const struct code *f, uint32_t pc)
{
    for (uint32_t from = 0; from < f->count; from++) {
        uint32_t next[2];
        successors(f, from, next);
        if (from + 1 != pc && (next[0] == pc || next[1] == pc))
            return true;
    }
    return false;
}

/* `a and "x" or "y"` tests the constant "x", which goes one way whatever happens. */
static bool is_decided(const struct code *f, uint32_t pc)
{
    uint32_t i = instruction(f, pc), before;
    unsigned tested = opcode(i) == OP_TESTSET ? i >> 16 & 0xff : i >> 7 & 0xff, op;

    if (pc == 0 || (opcode(i) != OP_TEST && opcode(i) != OP_TESTSET))
        return false;
    before = instruction(f, pc - 1);
    op = opcode(before);
    return ((op >= OP_LOADI && op <= OP_LOADK) || op == OP_LOADTRUE) &&
           (before >> 7 & 0xff) == tested && !is_jumped_to(f, pc);
}

void od_coverage_describe(const unsigned char *bytes, uint32_t count, uint32_t first,
                          struct od_instruction *all)
{
    const struct code f = {bytes, count};

    mark_reachable(&f, all);
    for (uint32_t pc = 0; pc < count; pc++) {
        uint32_t next[2];
        all[pc].counted = all[pc].counted && is_code(&f, pc);
        if (!is_conditional(opcode(instruction(&f, pc))) || is_decided(&f, pc))
            continue;
        successors(&f, pc, next);
        if (next[0] == next[1] || next[0] >= count || next[1] >= count)
            continue;
        all[pc].skip = first + next[0];
        all[pc].jump = first + next[1];
    }
}
