// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Picture: a member's face, as the directory carries it (docs/spec/invitation.md, decision 70). To
// everything here it is opaque bytes: nothing decodes it. What can be said without decoding is
// judged, by who sets it and once more by whoever receives it: that it is small, of a known kind,
// of bounded sides, and that it says nothing beside what it shows.
//
// What must never happen: that a picture carries out where or by whom it was taken.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/tls.h"
#include "crypto/hash.h"

namespace cercle::identity {

inline constexpr std::size_t longest_picture = std::size_t{8} << 10U;  // bytes
inline constexpr std::uint32_t widest_picture = 512;                   // points on each side

enum class PictureKind : std::uint8_t { Jpeg, Png, Webp };

struct PictureShape {
    PictureKind kind;
    std::uint32_t width;   // points
    std::uint32_t height;  // points

    friend bool operator==(const PictureShape&, const PictureShape&) = default;
};

/// A whole file of a known kind that has nothing in it but what it shows. Errors: picture_unfit,
/// whatever is wrong with it; the reason is a sentence for who chose it.
[[nodiscard]] Result<PictureShape> judge_picture(BytesView picture);

/// What files of a kind are called at their end: ".jpg", ".png", ".webp".
[[nodiscard]] std::string_view extension_of(PictureKind kind);

struct NoPicture {
    void encode_to(codec::Writer& /*writer*/) const {}

    [[nodiscard]] static Result<NoPicture> decode_from(codec::Reader& /*reader*/) {
        return NoPicture{};
    }

    friend bool operator==(const NoPicture&, const NoPicture&) = default;
};

/// What a page says of a member's picture: that there is none; the SHA-256 of one that its readers
/// have been sent; or the picture itself. Never both, so that nothing has to agree.
using Portrait = std::variant<NoPicture, crypto::Digest, Bytes>;

}  // namespace cercle::identity
