// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/content.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "codec/cbor.h"
#include "crypto/hash.h"
#include "envelope/external_part.h"

namespace cercle::envelope {
namespace {

namespace cbor = codec::cbor;

// mimiContent = [ salt, replaces, topicId, expires, inReplyTo, mimiExtensions, nestedPart ]
constexpr std::size_t content_fields = 7;
// NestedPart = [ disposition, language, cardinality, ... ]
constexpr std::int64_t disposition_render = 1;
constexpr std::int64_t cardinality_single = 1;
constexpr std::int64_t cardinality_external = 2;
constexpr std::int64_t cardinality_multi = 3;
constexpr std::int64_t process_all = 2;
// The hash that a message id names first: SHA-256.
constexpr std::uint8_t hash_algorithm = 1;
constexpr std::string_view counter_extension = "cercle-counter";
constexpr std::string_view circle_extension = "cercle-circle";
constexpr std::string_view not_shown = "application/vnd.cercle.not-shown";
constexpr std::string_view not_shown_line = "[a kind of message that this version cannot show]";

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

/// Of another shape, as a later version may have it, it is passed over.
std::optional<CircleHead> read_circle(const cbor::Value& value) {
    const auto* extensions = as<cbor::Map>(value);
    if (extensions == nullptr) return std::nullopt;
    for (const auto& [name, extension] : *extensions) {
        const auto* text = as<std::string>(name);
        if (text == nullptr || *text != circle_extension) continue;
        const auto* head = as<cbor::Array>(extension);
        if (head == nullptr || head->size() != 2) return std::nullopt;
        const auto* size = as<std::int64_t>(head->at(0));
        const auto* root = as<Bytes>(head->at(1));
        CircleHead circle;
        if (size == nullptr || *size < 0 || root == nullptr || root->size() != circle.root.size()) {
            return std::nullopt;
        }
        circle.size = static_cast<std::uint64_t>(*size);
        std::ranges::copy(*root, circle.root.begin());
        return circle;
    }
    return std::nullopt;
}

/// What was said, without id and counter.
struct Said {
    std::string type;
    Bytes body{};
    std::optional<Attachment> attachment{};
};

/// Nothing for what has not the shape of a part.
std::optional<std::int64_t> cardinality_of(const cbor::Array& part) {
    const auto* cardinality = part.size() < 3 ? nullptr : as<std::int64_t>(part.at(2));
    return cardinality == nullptr ? std::nullopt : std::optional(*cardinality);
}

std::optional<Said> read_single(const cbor::Array& part) {
    const auto* type = part.size() != 5 ? nullptr : as<std::string>(part.at(3));
    const auto* body = type == nullptr ? nullptr : as<Bytes>(part.at(4));
    if (body == nullptr) return std::nullopt;
    return Said{*type, *body};
}

std::optional<Said> read_external(const cbor::Array& part) {
    auto attachment = read_external_part(part);
    if (!attachment) return std::nullopt;
    return Said{std::string(text_type), {}, std::move(attachment)};
}

std::optional<Said> read_inner(const cbor::Value& value) {
    const auto* part = as<cbor::Array>(value);
    if (part == nullptr) return std::nullopt;
    const auto cardinality = cardinality_of(*part);
    if (cardinality == cardinality_single) return read_single(*part);
    if (cardinality == cardinality_external) return read_external(*part);
    return std::nullopt;
}

/// Of several parts that are all to be processed: a text, and a file. Others leave a line.
std::optional<Said> read_several(const cbor::Array& part) {
    const auto* semantics = part.size() != 5 ? nullptr : as<std::int64_t>(part.at(3));
    const auto* parts = semantics == nullptr ? nullptr : as<cbor::Array>(part.at(4));
    if (parts == nullptr || *semantics != process_all) return std::nullopt;
    Said said{std::string(text_type)};
    bool has_text = false;
    bool is_whole = true;
    for (const cbor::Value& value : *parts) {
        auto one = read_inner(value);
        if (one && one->attachment && !said.attachment) {
            said.attachment = std::move(one->attachment);
        } else if (one && !one->attachment && one->type == text_type && !has_text) {
            said.body = std::move(one->body);
            has_text = true;
        } else {
            is_whole = false;
        }
    }
    if (!has_text && !said.attachment) return std::nullopt;
    if (is_whole) return said;
    if (has_text) said.body.push_back('\n');
    append(said.body, view_of(not_shown_line));
    return said;
}

/// Kinds that this version does not show are no reason to lose the message.
Result<Said> read_part(const cbor::Value& value) {
    const auto* part = as<cbor::Array>(value);
    const auto cardinality = part == nullptr ? std::nullopt : cardinality_of(*part);
    if (!cardinality) return fail(Code::malformed, "a content part of the wrong shape");
    std::optional<Said> said;
    if (*cardinality == cardinality_single) {
        said = read_single(*part);
        if (!said) return fail(Code::malformed, "a single part of the wrong shape");
    }
    if (*cardinality == cardinality_external) said = read_external(*part);
    if (*cardinality == cardinality_multi) said = read_several(*part);
    if (!said) return Said{std::string(not_shown)};
    return *std::move(said);
}

cbor::Array single_part(const Content& content) {
    return {{disposition_render},
            {std::string()},
            {cardinality_single},
            {content.type},
            {content.body}};
}

cbor::Array nested_part(const Content& content) {
    if (!content.attachment) return single_part(content);
    cbor::Array file = external_part(*content.attachment);
    if (content.body.empty()) return file;
    return {{disposition_render},
            {std::string()},
            {cardinality_multi},
            {process_all},
            {cbor::Array{{single_part(content)}, {std::move(file)}}}};
}

}  // namespace

Bytes encode_content(const Content& content) {
    cbor::Map extensions{
        {{std::string(counter_extension)}, {static_cast<std::int64_t>(content.counter.value)}}};
    if (content.circle) {
        extensions.push_back({{std::string(circle_extension)},
                              {cbor::Array{{static_cast<std::int64_t>(content.circle->size)},
                                           {to_bytes(content.circle->root)}}}});
    }
    const cbor::Value answers = content.answers ? cbor::Value{to_bytes(content.answers->view())}
                                                : cbor::Value{cbor::Null{}};
    const cbor::Array mimi{{to_bytes(content.id.view())},
                           {cbor::Null{}},
                           {Bytes{}},
                           {cbor::Null{}},
                           answers,
                           {extensions},
                           {nested_part(content)}};
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
    // What it answers to is said in other ways by other versions; the answer is read all the same.
    const auto* answers = as<Bytes>(mimi->at(4));
    TRY(const Counter counter, read_counter(mimi->at(5)));
    TRY(Said said, read_part(mimi->at(6)));
    return Content{*id,
                   counter,
                   std::move(said.type),
                   std::move(said.body),
                   std::move(said.attachment),
                   answers == nullptr ? std::nullopt : Reference::from(*answers),
                   read_circle(mimi->at(5))};
}

Reference reference_of(const Content& content,
                       BytesView encoded,
                       std::string_view sender,
                       std::string_view conversation) {
    // hash_output = hash( senderUri || roomUri || message || salt )
    // messageId = hashAlg || hash_output[0..30]
    const auto hash = crypto::sha256({view_of(sender),
                                      view_of(conversation),
                                      encoded.subspan(encoded.empty() ? 0 : 1),
                                      content.id.view()});
    Reference reference;
    reference.bytes[0] = hash_algorithm;
    std::copy_n(hash.begin(), Reference::size - 1, reference.bytes.begin() + 1);
    return reference;
}

std::string readable(const Content& content) {
    if (content.type == text_type) {
        const std::string text = to_text(content.body);
        if (is_utf8(text) && text.size() <= longest_text) return text;
        return "[a text that is damaged]";
    }
    return std::string(not_shown_line);
}

}  // namespace cercle::envelope
