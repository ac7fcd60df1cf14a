// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Result: how every fallible operation of the house answers.
//
// An operation that can fail for a reason outside the program returns Result<T>. Ignoring one
// is a warning, and warnings are errors. The reason is always a literal, so nothing that a
// person typed can reach a diary through an error.

#include <expected>
#include <source_location>
#include <utility>

#include "base/code.h"

namespace cercle {

/// A sentence that only a string literal can become.
struct Reason {
    // NOLINTNEXTLINE(google-explicit-constructor): a literal should simply fit.
    consteval Reason(const char* literal)
        : text(literal) {}

    const char* text;
};

struct Error {
    Code code;
    Reason reason;
    std::source_location where;
};

template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
    using std::expected<T, Error>::expected;
};

/// `return fail(Code::stale, "the log has moved on");`
[[nodiscard]] inline std::unexpected<Error> fail(
    Code code, Reason reason, std::source_location where = std::source_location::current()) {
    return std::unexpected(Error{code, reason, where});
}

}  // namespace cercle

// TRY(auto key, parse(bytes));            in functions
// CO_TRY(auto letter, co_await fetch());  in coroutines
// TRY_VOID(check(key));                   for a Result<void>, or a value that is not wanted
//
// Declarations, not statement expressions: those are not ISO C++, and compilers have failed on
// a co_await inside one.
#define CERCLE_JOIN2(a, b) a##b
#define CERCLE_JOIN(a, b) CERCLE_JOIN2(a, b)
#define CERCLE_TRY(leave, result, declaration, ...)       \
    auto result = (__VA_ARGS__);                          \
    if (!result.has_value()) [[unlikely]]                 \
        leave std::unexpected(std::move(result).error()); \
    declaration = *std::move(result)
#define TRY(declaration, ...) \
    CERCLE_TRY(return, CERCLE_JOIN(result_, __LINE__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
    CERCLE_TRY(co_return, CERCLE_JOIN(result_, __LINE__), declaration, __VA_ARGS__)
#define TRY_VOID(...)                                                            \
    if (auto result_void = (__VA_ARGS__); !result_void.has_value()) [[unlikely]] \
    return std::unexpected(std::move(result_void).error())
#define CO_TRY_VOID(...)                                                         \
    if (auto result_void = (__VA_ARGS__); !result_void.has_value()) [[unlikely]] \
    co_return std::unexpected(std::move(result_void).error())
