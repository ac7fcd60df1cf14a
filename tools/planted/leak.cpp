// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A planted fault: memory nobody frees. If ./test calls this clean, its other findings about leaks
// are worth nothing.

#include <cstdlib>

namespace {

[[gnu::noinline]] void leak() {
    void* volatile memory = std::malloc(100);
    static_cast<void>(memory);
    memory = nullptr;
}

}  // namespace

int main() {
    // More than once, as a forgotten register may still hold the last.
    for (int i = 0; i < 10; ++i)
        leak();
    return 0;
}
