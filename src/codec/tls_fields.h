// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The second half of codec/tls.h: how each kind of field is written and read. Include tls.h.

#include "base/utf8.h"
#include "codec/tls.h"

namespace cercle::codec::detail {

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
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = !std::same_as<T, std::uint8_t>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class Variant, std::size_t Index = 0>
Result<Variant> read_alternative(Reader& reader, std::size_t wanted) {
    if constexpr (Index == std::variant_size_v<Variant>) {
        return fail(Code::malformed, "a choice that this version does not know");
    } else {
        if (wanted != Index) return read_alternative<Variant, Index + 1>(reader, wanted);
        TRY(auto value, read<std::variant_alternative_t<Index, Variant>>(reader));
        return Variant(std::in_place_index<Index>, std::move(value));
    }
}

template <class Struct, class Fields, std::size_t... Index>
Result<void> read_fields(Reader& reader, Fields fields, std::index_sequence<Index...> /*all*/) {
    Result<void> outcome;
    const auto read_one = [&]<class Field>(Field& field) {
        auto value = read<Field>(reader);
        if (!value.has_value()) {
            outcome = std::unexpected(value.error());
            return false;
        }
        field = *std::move(value);
        return true;
    };
    static_cast<void>((read_one(std::get<Index>(fields)) && ...));
    return outcome;
}

}  // namespace cercle::codec::detail

namespace cercle::codec {

template <class T>
void write(Writer& writer, const T& value) {
    if constexpr (EncodesItself<T>) {
        value.encode_to(writer);
    } else if constexpr (HasFields<T>) {
        std::apply([&](const auto&... field) { (write(writer, field), ...); }, value.fields());
    } else if constexpr (std::is_enum_v<T>) {
        writer.number(static_cast<std::make_unsigned_t<std::underlying_type_t<T>>>(value));
    } else if constexpr (std::unsigned_integral<T> && !std::same_as<T, bool>) {
        writer.number(value);
    } else if constexpr (detail::is_number<T>) {
        writer.number(value.value);
    } else if constexpr (detail::is_id<T>) {
        writer.raw(value.view());
    } else if constexpr (detail::is_byte_array<T>) {
        writer.raw(value);
    } else if constexpr (std::same_as<T, Bytes>) {
        writer.opaque(value);
    } else if constexpr (std::same_as<T, Secret>) {
        writer.opaque(value.reveal());
    } else if constexpr (std::same_as<T, std::string>) {
        writer.opaque(view_of(value));
    } else if constexpr (detail::is_vector<T>) {
        Writer counter = Writer::counting();
        for (const auto& item : value)
            write(counter, item);
        writer.length(counter.size());
        for (const auto& item : value)
            write(writer, item);
    } else if constexpr (detail::is_optional<T>) {
        writer.number(std::uint8_t{value.has_value()});
        if (value) write(writer, *value);
    } else {
        static_assert(detail::is_variant<T>, "a kind of field that codec/tls.h does not list");
        writer.number(static_cast<std::uint8_t>(value.index()));
        std::visit([&](const auto& chosen) { write(writer, chosen); }, value);
    }
}

template <class T>
Result<T> read(Reader& reader) {
    if constexpr (DecodesItself<T>) {
        return T::decode_from(reader);
    } else if constexpr (HasFields<T>) {
        T value{};
        auto fields = value.fields();
        using Count = std::make_index_sequence<std::tuple_size_v<decltype(fields)>>;
        TRY_VOID(detail::read_fields<T>(reader, fields, Count{}));
        if constexpr (ChecksItself<T>) {
            TRY_VOID(value.check());
        }
        return value;
    } else if constexpr (std::is_enum_v<T>) {
        TRY(const auto number, reader.number<std::make_unsigned_t<std::underlying_type_t<T>>>());
        return static_cast<T>(number);
    } else if constexpr (std::unsigned_integral<T> && !std::same_as<T, bool>) {
        return reader.number<T>();
    } else if constexpr (detail::is_number<T>) {
        TRY(const auto number, reader.number<typename T::representation>());
        return T{number};
    } else if constexpr (detail::is_id<T>) {
        TRY(const BytesView view, reader.raw(T::size));
        return *T::from(view);
    } else if constexpr (detail::is_byte_array<T>) {
        T array{};
        TRY(const BytesView view, reader.raw(array.size()));
        std::ranges::copy(view, array.begin());
        return array;
    } else if constexpr (std::same_as<T, Bytes>) {
        TRY(const BytesView view, reader.opaque());
        return to_bytes(view);
    } else if constexpr (std::same_as<T, Secret>) {
        TRY(const BytesView view, reader.opaque());
        return Secret::copy_of(view);
    } else if constexpr (std::same_as<T, std::string>) {
        TRY(const BytesView view, reader.opaque());
        std::string text = to_text(view);
        if (!is_utf8(text)) return fail(Code::invalid_text, "a text that is not UTF-8");
        return text;
    } else if constexpr (detail::is_vector<T>) {
        TRY(const BytesView view, reader.opaque());
        Reader items(view);
        T values;
        if constexpr (std::is_enum_v<typename T::value_type>) {
            values.reserve(view.size() / sizeof(typename T::value_type));
        }
        while (!items.at_end()) {
            const std::size_t before = items.rest().size();
            TRY(auto item, read<typename T::value_type>(items));
            // An item of no bytes would let one byte of length stand for endless items.
            if (items.rest().size() == before) {
                return fail(Code::malformed, "a list item without bytes");
            }
            values.push_back(std::move(item));
        }
        return values;
    } else if constexpr (detail::is_optional<T>) {
        TRY(const auto presence, reader.number<std::uint8_t>());
        if (presence == 0) return T{};
        if (presence != 1) return fail(Code::malformed, "an optional is 0 or 1");
        TRY(auto value, read<typename T::value_type>(reader));
        return T{std::move(value)};
    } else {
        static_assert(detail::is_variant<T>, "a kind of field that codec/tls.h does not list");
        TRY(const auto index, reader.number<std::uint8_t>());
        return detail::read_alternative<T>(reader, index);
    }
}

}  // namespace cercle::codec
