// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/content.h"

#include <optional>
#include <utility>

#include "base/utf8.h"
#include "codec/cbor.h"

namespace cercle::envelope {
namespace {

namespace cbor = codec::cbor;

// mimiContent = [ salt, replaces, topicId, expires, inReplyTo, mimiExtensions, nestedPart ]
constexpr std::size_t content_fields = 7;
// NestedPart = [ disposition, language, cardinality, ... ]
constexpr std::int64_t disposition_render = 1;
constexpr std::int64_t cardinality_single = 1;
constexpr std::string_view counter_extension = "cercle-counter";
constexpr std::string_view not_shown = "application/vnd.cercle.not-shown";

template <class T>
const T* as(const cbor::Value& value) {
    return std::get_if<T>(&value.kind);
}

Result<Counter> read_counter(const cbor::Value& value) {
    const auto* extensions = as<cbor::Map>(value);
    if (extensions == nullptr) return fail(Code::malformed, "content extensions must be a map");
    for (const auto& [name, extension] : *extensions) {
        const auto* text = as<std::string>(name);
        if (text == nullptr || *text != counter_extension) continue;
        const auto* number = as<std::int64_t>(extension);
        if (number == nullptr || *number < 1) break;
        return Counter{static_cast<std::uint64_t>(*number)};
    }
    return fail(Code::malformed, "content without its sender's counter");
}

Result<std::pair<std::string, Bytes>> read_part(const cbor::Value& value) {
    const auto* part = as<cbor::Array>(value);
    if (part == nullptr || part->size() < 3) {
        return fail(Code::malformed, "a content part of the wrong shape");
    }
    const auto* cardinality = as<std::int64_t>(part->at(2));
    if (cardinality == nullptr) return fail(Code::malformed, "a content part without its kind");
    // Parts of kinds that this version does not show are no reason to lose the message.
    if (*cardinality != cardinality_single) return std::pair(std::string(not_shown), Bytes{});
    if (part->size() != 5) return fail(Code::malformed, "a single part of the wrong shape");
    const auto* type = as<std::string>(part->at(3));
    const auto* body = as<Bytes>(part->at(4));
    if (type == nullptr || body == nullptr) {
        return fail(Code::malformed, "a single part of the wrong shape");
    }
    return std::pair(*type, *body);
}

}  // namespace

Bytes encode_content(const Content& content) {
    const cbor::Array part{{disposition_render},
                           {std::string()},
                           {cardinality_single},
                           {content.type},
                           {content.body}};
    const cbor::Map extensions{
        {{std::string(counter_extension)}, {static_cast<std::int64_t>(content.counter.value)}}};
    const cbor::Array mimi{{to_bytes(content.id.view())},
                           {cbor::Null{}},
                           {Bytes{}},
                           {cbor::Null{}},
                           {cbor::Null{}},
                           {extensions},
                           {part}};
    Bytes bytes{content_version};
    append(bytes, cbor::encode({mimi}));
    return bytes;
}

Result<Content> decode_content(BytesView bytes) {
    if (bytes.empty()) return fail(Code::malformed, "content without bytes");
    if (bytes[0] != content_version) {
        return fail(Code::unsupported, "content of another version");
    }
    TRY(const cbor::Value value, cbor::decode(bytes.subspan(1)));
    const auto* mimi = as<cbor::Array>(value);
    if (mimi == nullptr || mimi->size() != content_fields) {
        return fail(Code::malformed, "content of the wrong shape");
    }
    const auto* salt = as<Bytes>(mimi->at(0));
    const auto id = salt == nullptr ? std::nullopt : MessageId::from(*salt);
    if (!id) return fail(Code::malformed, "content without its id");
    TRY(const Counter counter, read_counter(mimi->at(5)));
    TRY(auto part, read_part(mimi->at(6)));
    return Content{*id, counter, std::move(part.first), std::move(part.second)};
}

std::string readable(const Content& content) {
    if (content.type == text_type) {
        const std::string text = to_text(content.body);
        if (is_utf8(text) && text.size() <= longest_text) return text;
        return "[a text that is damaged]";
    }
    return "[a kind of message that this version cannot show]";
}

}  // namespace cercle::envelope
