// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What people type and paste: names, codes, addresses, invitations. The first byte says which.
#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "crypto/hash.h"
#include "identity/base32.h"
#include "identity/card.h"
#include "identity/invitation.h"
#include "identity/six_words.h"
#include "net/address.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using fuzz::must_hold;

void names(const std::string& text) {
    // A name is shown beside others, so it is a text without anything that draws outside of it.
    if (is_plain_text(text, 1000)) {
        must_hold(is_utf8(text) && std::ranges::none_of(text, [](char one) {
                      return one != '\n' && (static_cast<unsigned char>(one) < 0x20 || one == 0x7f);
                  }));
    }
    if (!is_name(text)) return;
    must_hold(is_utf8(text) && !text.empty() && text.size() <= 200);
    must_hold(std::ranges::none_of(
        text, [](char one) { return static_cast<unsigned char>(one) < 0x20 || one == 0x7f; }));
}

void codes(const std::string& text) {
    if (const auto bytes = from_hex(text)) must_hold(from_hex(to_hex(*bytes)) == bytes);
    if (const auto bytes = identity::from_base32(text)) {
        must_hold(identity::from_base32(identity::to_base32(*bytes)) == bytes);
        must_hold(identity::to_base32(*bytes).size() == text.size());
    }
}

void addresses(const std::string& text) {
    const auto address = net::Address::parse(text);
    if (!address) return;
    const auto again = net::Address::parse(address->text());
    must_hold(again.has_value() && *again == *address);
}

void cards(const std::string& text) {
    const auto card = identity::CardCode::parse(text, WallTime{});
    if (!card) return;
    must_hold(identity::kind_of_code(text) == identity::CodeKind::Card);
    const auto again = identity::CardCode::parse(card->to_text(), WallTime{});
    must_hold(again.has_value() && again->key == card->key && again->secret == card->secret);
}

void invitations(const std::string& text) {
    cards(text);
    const auto invitation = identity::Invitation::parse(text, WallTime{});
    if (!invitation) return;
    const auto again = identity::Invitation::parse(invitation->to_text(), WallTime{});
    must_hold(again.has_value() && again->to_text() == invitation->to_text());
}

/// Any bytes with the right checksum, so that what lies behind it is reached.
void invitations_with_checksum(BytesView bytes) {
    const auto digest = crypto::sha256({view_of("Cercle 1 code checksum"), bytes});
    Bytes checked = to_bytes(bytes);
    append(checked, BytesView(digest).first(4));
    invitations("CERCLE:" + identity::to_base32(checked));
}

void words(const std::string& text) {
    const std::string plain = identity::plain_words(text);
    must_hold(identity::plain_words(plain) == plain && plain.size() <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    const std::string text = to_text(bytes);
    switch (data[0]) {
        case 0:
            names(text);
            break;
        case 1:
            codes(text);
            break;
        case 2:
            addresses(text);
            break;
        case 3:
            invitations(text);
            break;
        case 4:
            invitations_with_checksum(bytes);
            break;
        case 5:
            words(text);
            break;
        default:
            break;
    }
    return 0;
}
