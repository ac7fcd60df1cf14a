// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A file for an invitation's picture. It is made before the invitation, so that none is made whose
// picture cannot be kept; and it is its owner's alone, since who sees it may use it.

#include <expected>
#include <string>

#include "client/api.h"

namespace cercle::cli {

class PictureFile {
  public:
    /// A new file, whose name ends in .png or .svg.
    [[nodiscard]] static std::expected<PictureFile, client::Outcome> make(std::string path);

    PictureFile(PictureFile&& other) noexcept;
    PictureFile(const PictureFile&) = delete;
    PictureFile& operator=(const PictureFile&) = delete;
    PictureFile& operator=(PictureFile&&) = delete;
    /// Nothing is left of one that was not written.
    ~PictureFile();

    /// A text's QR code.
    [[nodiscard]] client::Outcome write(const std::string& text);

  private:
    PictureFile(std::string path, int descriptor);

    std::string path_;
    int descriptor_;
    bool written_ = false;
};

/// Whether the name says what kind of picture it is.
[[nodiscard]] bool is_picture_name(const std::string& path);

}  // namespace cercle::cli
