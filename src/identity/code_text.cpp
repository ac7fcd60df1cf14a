// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/code_text.h"

#include <algorithm>
#include <cctype>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "identity/base32.h"

namespace cercle::identity {
namespace {

constexpr std::string_view prefix = "CERCLE:";
constexpr std::size_t checksum_size = 4;
constexpr std::size_t longest_text = 1024;

Bytes checksum_of(BytesView body) {
    const auto digest = crypto::sha256({view_of("Cercle 1 code checksum"), body});
    return to_bytes(BytesView(digest).first(checksum_size));
}

/// Without what typing, mail programs and line breaks put in.
std::string tidied(std::string_view text) {
    std::string tidy;
    for (const char character : text) {
        if (std::isspace(static_cast<unsigned char>(character)) != 0 || character == '-') continue;
        tidy.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(character))));
    }
    return tidy;
}

std::unexpected<Error> mistyped() {
    return fail(Code::invitation_checksum,
                "the invitation is mistyped or cut off; copy it again, whole");
}

/// What stands before the checksum, which fits. Errors: malformed, invitation_checksum.
Result<Bytes> content_of(std::string_view text) {
    if (text.size() > longest_text) {
        return fail(Code::malformed, "this is too long for an invitation");
    }
    const std::string tidy = tidied(text);
    if (!tidy.starts_with(prefix)) {
        return fail(Code::malformed, "an invitation starts with CERCLE:");
    }
    const auto bytes = from_base32(std::string_view(tidy).substr(prefix.size()));
    if (!bytes || bytes->size() < checksum_size + 2) return mistyped();
    const BytesView all = *bytes;
    const BytesView content = all.first(all.size() - checksum_size);
    if (!equal_in_constant_time(checksum_of(content), all.last(checksum_size))) return mistyped();
    return to_bytes(content);
}

std::unexpected<Error> another_kind(CodeKind wanted) {
    if (wanted == CodeKind::Card) {
        return fail(Code::invitation_kind, "this code is not a card");
    }
    return fail(Code::invitation_kind, "this code is not an invitation to join a circle");
}

}  // namespace

std::string write_code(const InvitationBody& body) {
    Bytes bytes = codec::encode(body);
    append(bytes, checksum_of(bytes));
    return std::string(prefix) + to_base32(bytes);
}

std::optional<CodeKind> kind_of_code(std::string_view text) {
    const auto content = content_of(text);
    if (!content) return std::nullopt;
    return static_cast<CodeKind>((*content)[1]);
}

Result<InvitationBody> read_code(std::string_view text, CodeKind wanted, std::uint8_t version) {
    TRY(const Bytes content, content_of(text));
    if (content[1] != static_cast<std::uint8_t>(wanted)) return another_kind(wanted);
    if (content[0] < version) {
        return fail(Code::unsupported,
                    "the invitation is of an earlier version than this program, which cannot use"
                    " it: ask for another one");
    }
    if (content[0] > version) {
        return fail(Code::unsupported, "the invitation is of a newer version than this program");
    }
    TRY(InvitationBody body, codec::decode<InvitationBody>(content));
    constexpr std::uint64_t last_second = 253402300799;  // the end of the year 9999
    if (body.expires > last_second || body.second_code > SecondCode::Needed) {
        return fail(Code::malformed, "the invitation holds a value out of range");
    }
    return body;
}

}  // namespace cercle::identity
