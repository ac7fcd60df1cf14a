// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What is signed in this folder: a label of its own (docs/spec/labels.md), and the content.
// Private to this folder.

#include <string_view>

#include "codec/tls.h"

namespace cercle::identity {

/// opaque label<V>, opaque content<V>
[[nodiscard]] inline Bytes labelled(std::string_view label, BytesView content) {
    codec::Writer writer;
    writer.opaque(view_of(label));
    writer.opaque(content);
    return std::move(writer).take();
}

}  // namespace cercle::identity
