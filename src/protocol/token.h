// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Token: a right as it is shown on the wire: opaque<V> of exactly 32 bytes.
//
// Its size is judged before it is taken into locked memory, which is small: otherwise a stranger
// could fill that with a few long tokens and so end the relay.

#include <utility>

#include "base/secret.h"
#include "codec/tls.h"

namespace cercle::protocol {

inline constexpr std::size_t token_size = 32;

class Token {
  public:
    Token() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a Secret is what a token is made of.
    Token(Secret secret)
        : secret_(std::move(secret)) {}

    // NOLINTNEXTLINE(google-explicit-constructor): and what it is used as.
    operator const Secret&() const { return secret_; }

    void encode_to(codec::Writer& writer) const { writer.opaque(secret_.reveal()); }

    /// Errors: malformed.
    [[nodiscard]] static Result<Token> decode_from(codec::Reader& reader) {
        TRY(const BytesView view, reader.opaque());
        if (view.size() != token_size) return fail(Code::malformed, "a token of another size");
        return Token(Secret::copy_of(view));
    }

  private:
    Secret secret_;
};

}  // namespace cercle::protocol
