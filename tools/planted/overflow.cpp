// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A planted fault: a signed number that grows past its type.

#include <limits>

int main(int count, char**) {
    volatile int largest = std::numeric_limits<int>::max();
    return largest + count == 0 ? 1 : 0;
}
