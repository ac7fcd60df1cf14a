// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The TLS presentation language (RFC 8446 section 3) with the variable-size length prefixes of
// RFC 9420 section 2.1.2: the one wire format of the house, for MLS and for everything around it.
//
// A struct says once what it consists of, and gets encoding and decoding from that:
//
//     struct Receipt {
//         LogId log;
//         Seq seq;
//         Bytes note;
//         auto fields(this auto& self) { return std::tie(self.log, self.seq, self.note); }
//     };
//
//     uint8/16/32/64, enums    big-endian, of their width (an enum must accept unknown values, or
//                              check itself: see `checked` below)
//     Number<...>              as its representation
//     std::array<uint8_t, N>   opaque[N];     Id<...> likewise
//     Bytes, Secret            opaque x<V>;   std::string likewise, and it must be UTF-8
//     std::vector<T>           T x<V>, the prefix counting bytes
//     std::optional<T>         optional<T>, one byte 0 or 1 and then T
//     std::variant<T...>       uint8 index of the alternative, and then it
//     anything else            its own  void encode_to(Writer&) const  and
//                              static Result<T> decode_from(Reader&)
//
// Decoding is canonical: what decodes, encodes to the same bytes. It never allocates more than
// it was given.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"

namespace cercle::codec {

/// The longest vector there is: RFC 9420 allows 30 bits, no message of ours needs a tenth of it.
inline constexpr std::size_t longest_vector = (std::size_t{1} << 30U) - 1;

class Writer {
  public:
    /// Into bytes that grow; take() gives them.
    Writer() = default;

    /// The same, with room from the start for what will be written: it is not copied as it grows.
    [[nodiscard]] static Writer with_room(std::size_t size) {
        Writer writer;
        writer.bytes_.reserve(size);
        return writer;
    }

    /// Counts only; size() tells.
    [[nodiscard]] static Writer counting() {
        Writer writer;
        writer.mode_ = Mode::Count;
        return writer;
    }

    /// Into memory of exactly the right size, such as a Secret's.
    [[nodiscard]] static Writer into(std::span<std::uint8_t> target) {
        Writer writer;
        writer.mode_ = Mode::Fill;
        writer.target_ = target;
        return writer;
    }

    template <std::unsigned_integral T>
    void number(T value) {
        std::array<std::uint8_t, sizeof(T)> digits{};
        for (std::size_t at = 0; at < sizeof(T); ++at) {
            digits[at] = static_cast<std::uint8_t>(value >> ((sizeof(T) - 1 - at) * 8));
        }
        raw(digits);
    }

    /// Without a length.
    void raw(BytesView bytes);

    /// RFC 9420 section 2.1.2, the shortest form.
    void length(std::size_t length);

    /// opaque x<V>
    void opaque(BytesView bytes) {
        length(bytes.size());
        raw(bytes);
    }

    /// Bytes written so far.
    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

    [[nodiscard]] Bytes take() && { return std::move(bytes_); }

  private:
    enum class Mode : std::uint8_t { Grow, Count, Fill };

    Mode mode_ = Mode::Grow;
    std::size_t size_ = 0;
    Bytes bytes_;
    std::span<std::uint8_t> target_;
};

/// Reads from memory that outlives it.
class Reader {
  public:
    explicit Reader(BytesView bytes)
        : left_(bytes) {}

    template <std::unsigned_integral T>
    [[nodiscard]] Result<T> number() {
        TRY(const BytesView digits, raw(sizeof(T)));
        T value = 0;
        for (const std::uint8_t digit : digits) {
            value = static_cast<T>(static_cast<std::uint64_t>(value) << 8U | digit);
        }
        return value;
    }

    // Here, for the sake of its callers: most of what is read is a byte or two.
    [[nodiscard]] Result<BytesView> raw(std::size_t size) {
        if (left_.size() < size) return fail(Code::malformed, "the bytes end too early");
        const BytesView taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }

    /// Errors: malformed, not_canonical (a longer form than needed).
    [[nodiscard]] Result<std::size_t> length();

    [[nodiscard]] Result<BytesView> opaque();

    /// What has not been read yet.
    [[nodiscard]] BytesView rest() const { return left_; }

    /// What was read since that was `before`.
    [[nodiscard]] BytesView read_since(BytesView before) const {
        return before.first(before.size() - left_.size());
    }

    [[nodiscard]] bool at_end() const { return left_.empty(); }

    /// Errors: trailing_bytes.
    [[nodiscard]] Result<void> finish() const;

  private:
    BytesView left_;
};

template <class T>
concept HasFields = requires(T& value) { value.fields(); };

template <class T>
concept EncodesItself = requires(const T& value, Writer& writer) { value.encode_to(writer); };

template <class T>
concept DecodesItself = requires(Reader& reader) {
    { T::decode_from(reader) } -> std::same_as<Result<T>>;
};

/// After all fields of a struct were read: `Result<void> check() const`, where it has one.
template <class T>
concept ChecksItself = requires(const T& value) {
    { value.check() } -> std::same_as<Result<void>>;
};

template <class T>
void write(Writer& writer, const T& value);

template <class T>
[[nodiscard]] Result<T> read(Reader& reader);

template <class T>
[[nodiscard]] std::size_t encoded_size(const T& value) {
    Writer writer = Writer::counting();
    write(writer, value);
    return writer.size();
}

template <class T>
[[nodiscard]] Bytes encode(const T& value) {
    Writer writer = Writer::with_room(encoded_size(value));
    write(writer, value);
    return std::move(writer).take();
}

/// What holds secrets, encoded without touching ordinary memory.
template <class T>
[[nodiscard]] Secret encode_secret(const T& value) {
    Secret encoded(encoded_size(value));
    Writer writer = Writer::into(encoded.expose());
    write(writer, value);
    return encoded;
}

/// All of `bytes` must be one T. Errors: malformed, not_canonical, trailing_bytes, and what
/// T's own check says.
template <class T>
[[nodiscard]] Result<T> decode(BytesView bytes) {
    Reader reader(bytes);
    TRY(T value, read<T>(reader));
    TRY_VOID(reader.finish());
    return value;
}

}  // namespace cercle::codec

#include "codec/tls_fields.h"
