// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A QR code as a picture to print or to show: SVG, which is text, and PNG (ISO/IEC 15948). Only
// written, never read: no decoder of pictures is among us (docs/decisions/0049).

#include <string>

#include "apps/cli/qr.h"
#include "base/bytes.h"

namespace cercle::cli {

/// So many light modules around a code, as its standard asks for.
inline constexpr int picture_quiet_zone = 4;
/// Pixels of a module's side, in PNG.
inline constexpr int pixels_of_module = 8;

[[nodiscard]] std::string svg_of(const QrModules& code);

/// One bit a pixel, not compressed.
[[nodiscard]] Bytes png_of(const QrModules& code);

}  // namespace cercle::cli
