// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Original<T>: a decoded value together with the very bytes that it came in.
//
// What was signed or hashed by somebody else is verified and hashed over those bytes, and never
// over our own encoding of what we understood of them.

#include <utility>

#include "codec/tls.h"

namespace cercle::mls {

template <class T>
class Original {
  public:
    Original() = default;

    /// Of all of `bytes`, which it keeps. Errors: those of a T, trailing_bytes.
    [[nodiscard]] static Result<Original> decode_all(Bytes bytes) {
        codec::Reader reader(bytes);
        TRY(T value, codec::read<T>(reader));
        TRY_VOID(reader.finish());
        return Original(std::move(value), std::move(bytes));
    }

    /// Of a value made here: its bytes are its encoding.
    explicit Original(T value)
        : value_(std::move(value)),
          bytes_(codec::encode(value_)) {}

    [[nodiscard]] const T& operator*() const { return value_; }

    [[nodiscard]] const T* operator->() const { return &value_; }

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

    void encode_to(codec::Writer& writer) const { writer.raw(bytes_); }

    [[nodiscard]] static Result<Original> decode_from(codec::Reader& reader) {
        const BytesView before = reader.rest();
        TRY(T value, codec::read<T>(reader));
        return Original(std::move(value), to_bytes(reader.read_since(before)));
    }

    friend bool operator==(const Original& left, const Original& right) {
        return left.bytes_ == right.bytes_;
    }

  private:
    Original(T value, Bytes bytes)
        : value_(std::move(value)),
          bytes_(std::move(bytes)) {}

    T value_;
    Bytes bytes_;
};

}  // namespace cercle::mls
