// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Content: what a message says, before it is closed and after it is opened. On the trip between
// the composer and `close`, and between `open` and the timeline (docs/spec/content.md).
//
// The bytes are one version byte and then MIMI content (draft-ietf-mimi-content) in
// deterministic CBOR. Of MIMI's parts this version writes a text, a file, or both; whatever else
// others write degrades to a readable line, never to an error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "envelope/attachment.h"

namespace cercle::envelope {

inline constexpr std::uint8_t content_version = 1;
/// No text is longer, in bytes.
inline constexpr std::size_t longest_text = std::size_t{64} << 10U;

/// Names a message within the circle: MIMI's salt, chosen at random by its author or given by
/// who asked to send it.
using MessageId = Id<struct MessageTag>;
/// Stands for a message in those that answer to it: MIMI's message id, which depends on who said
/// what and where, so that nobody can put another message in its place.
using Reference = Id<struct ReferenceTag, 32>;
/// Counts what one device has sent in one conversation, across epochs, from 1.
using Counter = Number<struct CounterTag>;

inline constexpr std::string_view text_type = "text/plain;charset=utf-8";
inline constexpr std::string_view directory_type = "application/vnd.cercle.directory";
inline constexpr std::string_view relay_word_type = "application/vnd.cercle.relay-word";
/// A device's new inbox secret, in the directory.
inline constexpr std::string_view inbox_type = "application/vnd.cercle.inbox";
/// The officer's daily word, in the directory.
inline constexpr std::string_view status_type = "application/vnd.cercle.status";
/// Who asks for a card to be answered, and who answers it (client/answering_word.h), in their
/// direct conversation.
inline constexpr std::string_view answering_type = "application/vnd.cercle.answering";
inline constexpr std::string_view leave_type = "application/vnd.cercle.leave";

/// The circle's transparency log as the author's device has it (identity/transparency.h), so that
/// whoever is shown another circle finds out.
struct CircleHead {
    std::uint64_t size = 0;
    crypto::Digest root{};

    friend bool operator==(const CircleHead&, const CircleHead&) = default;
};

struct Content {
    MessageId id;
    Counter counter;
    std::string type;  // a media type
    Bytes body;
    /// With a text: of the type text_type, and maybe empty.
    std::optional<Attachment> attachment{};
    std::optional<Reference> answers{};
    std::optional<CircleHead> circle{};
};

[[nodiscard]] Bytes encode_content(const Content& content);

/// Errors: unsupported (a version), malformed, and those of codec/cbor.h.
[[nodiscard]] Result<Content> decode_content(BytesView bytes);

/// `encoded` is the content as its author encoded it; the other two are URIs.
[[nodiscard]] Reference reference_of(const Content& content,
                                     BytesView encoded,
                                     std::string_view sender,
                                     std::string_view conversation);

/// What a person reads: the text itself, or a line that says what cannot be shown here. Nothing for
/// a file without a text.
[[nodiscard]] std::string readable(const Content& content);

}  // namespace cercle::envelope
