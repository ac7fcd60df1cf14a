// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// MIMI's external part, as far as it is a file of ours. Private to this folder.

#include <optional>

#include "codec/cbor.h"
#include "envelope/attachment.h"

namespace cercle::envelope {

[[nodiscard]] codec::cbor::Array external_part(const Attachment& attachment);

/// Nothing when it is something else than a file that this version can fetch: that is no reason to
/// lose the message.
[[nodiscard]] std::optional<Attachment> read_external_part(const codec::cbor::Array& part);

}  // namespace cercle::envelope
