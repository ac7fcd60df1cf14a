// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Values: which types of the house go into a statement and come out of a row, and how.
//
//     integers, enums, Number<...>      INTEGER; above 2^63 - 1 is refused, never wrapped
//     WallTime                          INTEGER, milliseconds since 1970
//     Bytes, BytesView, arrays, Id      BLOB; of another size is store_corrupt
//     Secret                            BLOB, by its reveal(), and straight into a Secret again
//     std::string, std::string_view     TEXT
//     std::optional<T>                  NULL or T

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/statement.h"

namespace cercle::store::detail {

template <class T>
inline constexpr bool is_number = false;
template <class Tag, class R>
inline constexpr bool is_number<Number<Tag, R>> = true;

template <class T>
inline constexpr bool is_id = false;
template <class Tag, std::size_t N>
inline constexpr bool is_id<Id<Tag, N>> = true;

template <class T>
inline constexpr bool is_byte_array = false;
template <std::size_t N>
inline constexpr bool is_byte_array<std::array<std::uint8_t, N>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_integer = std::integral<T> && !std::same_as<T, bool>;

template <class T>
Result<void> bind(Statement& statement, int at, const T& value) {
    if constexpr (is_optional<T>) {
        return value ? bind(statement, at, *value) : statement.bind_null(at);
    } else if constexpr (std::is_enum_v<T>) {
        return bind(statement, at, std::to_underlying(value));
    } else if constexpr (is_integer<T>) {
        if (!std::in_range<std::int64_t>(value)) {
            return fail(Code::invalid_argument, "a number too large for the store");
        }
        return statement.bind_integer(at, static_cast<std::int64_t>(value));
    } else if constexpr (is_number<T>) {
        return bind(statement, at, value.value);
    } else if constexpr (std::same_as<T, WallTime>) {
        return statement.bind_integer(at, value.time_since_epoch().count());
    } else if constexpr (is_id<T>) {
        return statement.bind_blob(at, value.view());
    } else if constexpr (std::same_as<T, Secret>) {
        return statement.bind_blob(at, value.reveal());
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return statement.bind_text(at, value);
    } else {
        static_assert(std::convertible_to<const T&, BytesView>, "a type that values.h lacks");
        return statement.bind_blob(at, value);
    }
}

template <class T>
Result<T> column(const Statement& statement, int at) {
    if constexpr (is_optional<T>) {
        if (statement.is_null(at)) return T{};
        TRY(auto value, column<typename T::value_type>(statement, at));
        return T{std::move(value)};
    } else if constexpr (std::is_enum_v<T>) {
        TRY(const auto value, column<std::underlying_type_t<T>>(statement, at));
        return static_cast<T>(value);
    } else if constexpr (is_integer<T>) {
        TRY(const std::int64_t value, statement.integer(at));
        if (!std::in_range<T>(value)) return fail(Code::store_corrupt, "a number out of range");
        return static_cast<T>(value);
    } else if constexpr (is_number<T>) {
        TRY(const auto value, column<typename T::representation>(statement, at));
        return T{value};
    } else if constexpr (std::same_as<T, WallTime>) {
        TRY(const std::int64_t value, statement.integer(at));
        return WallTime{Duration{value}};
    } else if constexpr (is_id<T>) {
        TRY(const BytesView value, statement.blob(at));
        const auto id = T::from(value);
        if (!id) return fail(Code::store_corrupt, "an id of the wrong size");
        return *id;
    } else if constexpr (is_byte_array<T>) {
        TRY(const BytesView value, statement.blob(at));
        T array{};
        if (value.size() != array.size()) {
            return fail(Code::store_corrupt, "bytes of the wrong size");
        }
        std::ranges::copy(value, array.begin());
        return array;
    } else if constexpr (std::same_as<T, Secret>) {
        TRY(const BytesView value, statement.blob(at));
        return Secret::copy_of(value);
    } else if constexpr (std::same_as<T, Bytes>) {
        TRY(const BytesView value, statement.blob(at));
        return to_bytes(value);
    } else {
        static_assert(std::same_as<T, std::string>, "a type that values.h lacks");
        TRY(const std::string_view value, statement.text(at));
        return std::string(value);
    }
}

template <class... Value, std::size_t... At>
Result<void> bind_all(Statement& statement,
                      std::index_sequence<At...> /*positions*/,
                      const Value&... values) {
    Result<void> outcome;
    [[maybe_unused]] const auto bind_one = [&](int at, const auto& value) {
        outcome = bind(statement, at, value);
        return outcome.has_value();
    };
    static_cast<void>((bind_one(static_cast<int>(At) + 1, values) && ...));
    return outcome;
}

template <class... Column, std::size_t... At>
Result<std::tuple<Column...>> row(const Statement& statement,
                                  std::index_sequence<At...> /*positions*/) {
    Result<void> outcome;
    std::tuple<std::optional<Column>...> read;
    [[maybe_unused]] const auto read_one = [&]<class T>(std::optional<T>& target, int at) {
        auto value = column<T>(statement, at);
        if (value.has_value()) {
            target.emplace(*std::move(value));
        } else {
            outcome = std::unexpected(value.error());
        }
        return outcome.has_value();
    };
    static_cast<void>((read_one(std::get<At>(read), static_cast<int>(At)) && ...));
    TRY_VOID(std::move(outcome));
    return std::tuple<Column...>(*std::move(std::get<At>(read))...);
}

}  // namespace cercle::store::detail
