// Cpp-names: C++ whose function names must be demangled: namespaces, templates, members, operators, constructors,
// function objects and a function that throws and catches on the way.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "stay.h"

#include <stdexcept>
#include <thread>

namespace specimen {

FRAME long block() {
    shape_arrive();
    long result = pause();
    KEEP(result);
    return result;
}

template <typename Item, int Size>
class Queue {
public:
    FRAME Item take(int index) {
        long result = block();
        KEEP(result);
        return items[index];
    }

    FRAME Item operator[](int index) {
        Item result = take(index);
        KEEP(result);
        return result;
    }

private:
    Item items[Size] = {};
};

namespace inner {

struct Base {
    virtual ~Base() = default;
    virtual long run(const char *name) const = 0;
};

struct Derived final : Base {
    FRAME long run(const char *name) const override {
        Queue<long, 4> queue;
        long result = queue[1];
        KEEP(result);
        return result + name[0];
    }
};

} // namespace inner

class Opening {
public:
    FRAME explicit Opening(int value) : value(value) {
        this->value += static_cast<int>(block());
    }

    int value;
};

template <typename Function>
FRAME long apply(Function function) {
    long result = function(3);
    KEEP(result);
    return result;
}

struct Callable {
    FRAME long operator()(int count) const {
        long result = block();
        KEEP(result);
        return result + count;
    }
};

FRAME long catching() {
    try {
        throw std::runtime_error("on purpose");
    } catch (const std::exception &) {
        long result = block(); // blocked inside the handler
        KEEP(result);
        return result;
    }
}

namespace {

FRAME void virtual_start() {
    inner::Derived derived;
    const inner::Base &base = derived;
    long result = base.run("name");
    KEEP(result);
}

FRAME void constructor_start() {
    Opening opening(1);
    KEEP(opening.value);
}

FRAME void apply_start() {
    long result = apply(Callable());
    KEEP(result);
}

FRAME void catching_start() {
    long result = catching();
    KEEP(result);
}

} // namespace

template <typename Function>
void start(const char *name, Function function) {
    std::thread thread(function);
    pthread_setname_np(thread.native_handle(), name);
    thread.detach();
}

} // namespace specimen

int main() {
    using namespace specimen;
    start("virtual", virtual_start);
    start("constructor", constructor_start);
    start("function", apply_start);
    start("catch", catching_start);
    start("lambda", [] {
        long result = block();
        KEEP(result);
    });
    shape_stay(5);
    return 0;
}
