// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// CHECK: for our own bugs, and for nothing else.
//
// On in every build; ends the process with exit code 70 ("our bug" in 7-contract). No input may
// ever reach one: what comes from outside is refused with a Result.

#include <source_location>

namespace cercle {

[[noreturn]] void end_on_bug(const char* literal,
                             std::source_location where = std::source_location::current());

}  // namespace cercle

#define CHECK(condition, literal)                \
    do {                                         \
        if (!(condition)) [[unlikely]]           \
            ::cercle::end_on_bug("" literal ""); \
    } while (false)
