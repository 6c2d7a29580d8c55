#include "labels.h"
#include "shape.h"

#include <unistd.h>

int labels_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

int labels_arrived(void) {
    return shape_arrived;
}
