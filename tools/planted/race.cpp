// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A planted fault: two threads write one number, and nothing orders them.

#include <pthread.h>

namespace {

int number = 0;

void* write_it(void*) {
    for (int i = 0; i < 1000; ++i)
        number = number + 1;
    return nullptr;
}

}  // namespace

int main() {
    pthread_t other;
    if (pthread_create(&other, nullptr, write_it, nullptr) != 0) return 1;
    write_it(nullptr);
    pthread_join(other, nullptr);
    return number == 0 ? 1 : 0;
}
