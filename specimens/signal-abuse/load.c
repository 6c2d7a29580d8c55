#define _GNU_SOURCE
#include "abuse.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static char message[500];

const char *load_error(void) {
    return message;
}

static void *load(const char *library, const char *function) {
    void *handle = dlopen(library, RTLD_NOW);
    void *found = handle == NULL ? NULL : dlsym(handle, function);
    if (found == NULL) {
        snprintf(message, sizeof message, "%s", dlerror());
    }
    return found;
}

int load_and_trespass(const char *library, const char *mode, unsigned long size) {
    int (*trespass)(const char *, unsigned long) = load(library, "trespass");
    if (trespass == NULL) {
        return -1;
    }
    int result = trespass(mode, size);
    if (result != 0) {
        snprintf(message, sizeof message, "%s: %s", mode, strerror(errno));
    }
    return result;
}

int load_and_relay(const char *library, int number) {
    int (*relay_install)(int) = load(library, "relay_install");
    return relay_install == NULL ? -1 : relay_install(number);
}
