// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Faces: files that are pictures as far as can be said without drawing them: the frame of each
// format, with any filling in the place of what is drawn.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace cercle::stage {

inline void add(Bytes& bytes, BytesView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

inline void add(Bytes& bytes, std::initializer_list<int> more) {
    for (const int one : more)
        bytes.push_back(static_cast<std::uint8_t>(one));
}

/// A JPEG's segment with its marker.
inline Bytes segment(int marker, BytesView body) {
    const std::size_t length = body.size() + 2;
    Bytes made;
    add(made, {0xff, marker, static_cast<int>(length >> 8U), static_cast<int>(length & 0xffU)});
    add(made, body);
    return made;
}

/// Of so many bytes in all; `extra` stands before what is drawn.
inline Bytes jpeg(std::uint16_t width,
                  std::uint16_t height,
                  std::size_t size = 200,
                  std::uint8_t filling = 0x5a,
                  BytesView extra = {}) {
    Bytes frame;
    add(frame, {8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0});
    Bytes made;
    add(made, {0xff, 0xd8});
    add(made, extra);
    add(made, segment(0xc0, frame));
    add(made, segment(0xda, Bytes{1, 1, 0, 0, 0x3f, 0}));
    while (made.size() + 2 < size)
        made.push_back(filling);
    add(made, {0xff, 0xd9});
    return made;
}

/// A PNG's chunk. Nobody here asks what it sums up to.
inline Bytes png_chunk(std::string_view kind, BytesView body) {
    Bytes made;
    add(made, {0, 0, static_cast<int>(body.size() >> 8U), static_cast<int>(body.size() & 0xffU)});
    add(made, view_of(kind));
    add(made, body);
    add(made, {0, 0, 0, 0});
    return made;
}

inline Bytes png(std::uint16_t width, std::uint16_t height, BytesView extra = {}) {
    Bytes header;
    add(header, {0, 0, width >> 8, width & 0xff, 0, 0, height >> 8, height & 0xff, 8, 2, 0, 0, 0});
    Bytes made;
    add(made, {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a});
    add(made, png_chunk("IHDR", header));
    add(made, extra);
    add(made, png_chunk("IDAT", Bytes(40, 0x5a)));
    add(made, png_chunk("IEND", {}));
    return made;
}

inline Bytes webp_chunk(std::string_view kind, BytesView body) {
    Bytes made;
    add(made, view_of(kind));
    add(made, {static_cast<int>(body.size()), 0, 0, 0});
    add(made, body);
    if (body.size() % 2 != 0) made.push_back(0);
    return made;
}

/// Of these chunks.
inline Bytes webp(BytesView chunks) {
    Bytes made;
    add(made, view_of("RIFF"));
    const std::size_t size = chunks.size() + 4;
    add(made, {static_cast<int>(size & 0xffU), static_cast<int>(size >> 8U), 0, 0});
    add(made, view_of("WEBP"));
    add(made, chunks);
    return made;
}

/// What is drawn with loss.
inline Bytes vp8(std::uint16_t width, std::uint16_t height) {
    Bytes body;
    add(body, {0x10, 0, 0, 0x9d, 0x01, 0x2a});
    add(body, {width & 0xff, width >> 8, height & 0xff, height >> 8});
    add(body, Bytes(21, 0x5a));
    return webp_chunk("VP8 ", body);
}

/// The canvas, and what is said to be on it.
inline Bytes vp8x(int flags, int width, int height) {
    Bytes body;
    add(body, {flags, 0, 0, 0});
    add(body, {(width - 1) & 0xff, (width - 1) >> 8, 0, (height - 1) & 0xff, (height - 1) >> 8, 0});
    return webp_chunk("VP8X", body);
}

}  // namespace cercle::stage
