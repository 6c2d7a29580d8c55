#include "deep.h"
#include "shape.h"

#include <alloca.h>
#include <string.h>
#include <unistd.h>

static int level_fixed(int left);
static int level_alloca(int left);
static int level_array(int left);

static FRAME int deep_block(void) {
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        return -1;
    }
    shape_arrive();
    long got = read(ends[0], &byte, 1);
    KEEP(got);
    return (int)got;
}

static FRAME int next_level(int left) {
    int result;
    if (left == 0) {
        result = deep_block();
    } else if (left % 3 == 0) {
        result = level_fixed(left);
    } else if (left % 3 == 1) {
        result = level_alloca(left);
    } else {
        result = level_array(left);
    }
    KEEP(result);
    return result;
}

static FRAME int level_fixed(int left) {
    char room[200];
    memset(room, left, sizeof room);
    int result = next_level(left - 1);
    __asm__ volatile("" : : "r"(room) : "memory");
    return result + room[left % 200];
}

static FRAME int level_alloca(int left) {
    size_t size = 16 + (size_t)left * 24;
    char *room = alloca(size);
    memset(room, left, size);
    int result = next_level(left - 1);
    __asm__ volatile("" : : "r"(room) : "memory");
    return result + room[left];
}

static FRAME int level_array(int left) {
    char room[8 + left * 40];
    memset(room, left, sizeof room);
    int result = next_level(left - 1);
    __asm__ volatile("" : : "r"(room) : "memory");
    return result + room[left];
}

int deep_enter(int levels) {
    int result = next_level(levels);
    KEEP(result);
    return result;
}

int deep_arrived(void) {
    return shape_arrived;
}
