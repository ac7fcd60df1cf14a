// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/qr.h"

#include <memory>

#include <qrencode.h>

namespace cercle::cli {
namespace {

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

constexpr int quiet_zone = 2;

bool is_dark(const QRcode& code, int row, int column) {
    if (row < 0 || column < 0 || row >= code.width || column >= code.width) return false;
    return (code.data[row * code.width + column] & 1U) != 0;
}

}  // namespace

std::string terminal_qr(const std::string& text) {
    const std::unique_ptr<QRcode, FreeCode> code(
        QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1));
    if (code == nullptr) return "(too long for a QR code)";
    std::string drawn;
    for (int row = -quiet_zone; row < code->width + quiet_zone; row += 2) {
        drawn += "\x1b[30;47m";
        for (int column = -quiet_zone; column < code->width + quiet_zone; ++column) {
            const bool upper = is_dark(*code, row, column);
            const bool lower = is_dark(*code, row + 1, column);
            drawn += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        drawn += "\x1b[0m\n";
    }
    drawn.pop_back();
    return drawn;
}

}  // namespace cercle::cli
