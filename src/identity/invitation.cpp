// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/invitation.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "identity/base32.h"
#include "identity/invitation_body.h"

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

}  // namespace

std::string Invitation::to_text() const {
    InvitationBody body;
    body.relay = relay;
    body.relay_key = relay_key;
    body.circle = circle;
    std::ranges::copy(secret.reveal(), body.secret.begin());
    body.expires = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(expires).time_since_epoch().count());
    body.second_code = second_code;
    Bytes bytes = codec::encode(body);
    append(bytes, checksum_of(bytes));
    return std::string(prefix) + to_base32(bytes);
}

Result<Invitation> Invitation::parse(std::string_view text, WallTime now) {
    if (text.size() > longest_text)
        return fail(Code::malformed, "this is too long for an invitation");
    const std::string tidy = tidied(text);
    if (!tidy.starts_with(prefix)) {
        return fail(Code::malformed, "an invitation starts with CERCLE:");
    }
    const auto bytes = from_base32(std::string_view(tidy).substr(prefix.size()));
    if (!bytes || bytes->size() < checksum_size + 2) {
        return fail(Code::invitation_checksum,
                    "the invitation is mistyped or cut off; copy it again, whole");
    }
    const BytesView all = *bytes;
    const BytesView content = all.first(all.size() - checksum_size);
    if (!equal_in_constant_time(checksum_of(content), all.last(checksum_size))) {
        return fail(Code::invitation_checksum,
                    "the invitation is mistyped or cut off; copy it again, whole");
    }
    if (content[0] != invitation_version) {
        return fail(Code::unsupported, "the invitation is of a newer version than this program");
    }
    if (content[1] != static_cast<std::uint8_t>(CodeKind::Invitation)) {
        return fail(Code::invitation_kind, "this code is not an invitation to join a circle");
    }
    TRY(InvitationBody body, codec::decode<InvitationBody>(content));
    constexpr std::uint64_t last_second = 253402300799;  // the end of the year 9999
    if (body.expires > last_second || body.second_code > SecondCode::Needed) {
        return fail(Code::malformed, "the invitation holds a value out of range");
    }
    const WallTime expires{std::chrono::seconds(body.expires)};
    if (now >= expires) {
        return fail(Code::invitation_expired, "the invitation has expired; ask for a new one");
    }
    return Invitation{body.relay,
                      body.relay_key,
                      body.circle,
                      Secret::absorb(body.secret),
                      expires,
                      body.second_code};
}

}  // namespace cercle::identity
