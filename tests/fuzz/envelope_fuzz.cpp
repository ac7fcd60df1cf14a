// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a member may write inside of what only members can open. The first byte says which.
#include "base/utf8.h"
#include "envelope/card_letter.h"
#include "envelope/inbox_letter.h"
#include "envelope/open.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using fuzz::must_hold;

bool same(const envelope::Attachment& left, const envelope::Attachment& right) {
    return left.blob == right.blob && left.key == right.key && left.size == right.size &&
           left.sha256 == right.sha256 && left.name == right.name && left.type == right.type &&
           left.expires == right.expires;
}

/// Whatever a file's author calls it, it can be shown, and has as many chunks as a file may.
void attachment(const envelope::Attachment& decoded) {
    must_hold(envelope::chunks_of(decoded.size) <= protocol::most_chunks);
    const std::string name = envelope::harmless_file_name(decoded.name);
    must_hold(is_utf8(name) && !name.empty() && !name.contains('/'));
}

void content(BytesView bytes) {
    const auto decoded = envelope::decode_content(bytes);
    if (!decoded) return;
    if (decoded->attachment) attachment(*decoded->attachment);
    // Whatever it is, a person can be shown something.
    must_hold(is_utf8(envelope::readable(*decoded)));
    const auto again = envelope::decode_content(envelope::encode_content(*decoded));
    must_hold(again.has_value() && again->id == decoded->id && again->counter == decoded->counter &&
              again->type == decoded->type && again->body == decoded->body);
    must_hold(again->attachment.has_value() == decoded->attachment.has_value());
    must_hold(!again->attachment || same(*again->attachment, *decoded->attachment));
}

void declared(BytesView bytes) {
    for (const auto kind : {protocol::EntryKind::Application, protocol::EntryKind::Bundle}) {
        const auto checked = envelope::check_declared(bytes, kind, {0}, {});
        if (checked) must_hold(mls::peek(bytes).has_value());
    }
}

/// Under a key that nobody who writes inputs has closed anything under.
void closed(BytesView bytes) {
    const Secret key(32);
    must_hold(!envelope::open_letter(key, bytes).has_value());
    must_hold(!envelope::open_package(key, bytes).has_value());
    must_hold(!envelope::open_word(key, envelope::Word::Revocation, bytes).has_value());
    must_hold(!envelope::open_word(key, envelope::Word::Report, bytes).has_value());
    must_hold(!envelope::open_word(key, envelope::Word::Page, bytes).has_value());
}

void chunk(BytesView bytes) {
    if (bytes.size() < 2) return;
    const envelope::ChunkCipher cipher(Secret(envelope::file_key_size), {}, protocol::most_chunks);
    const protocol::ChunkNumber number{static_cast<std::uint32_t>(bytes[0] << 8U | bytes[1])};
    Bytes closed = to_bytes(bytes.subspan(2));
    must_hold(!cipher.open(number, closed).has_value());
    // As long as a chunk, so that the tag is what refuses it.
    closed.resize(protocol::chunk_size);
    must_hold(!cipher.open(number, closed).has_value());
}

/// Whatever decodes of what a stranger has written can be shown as it is.
template <class Words>
void words_of_card(BytesView bytes) {
    fuzz::round_trip<Words>(bytes);
    const auto decoded = codec::decode<Words>(bytes);
    if (!decoded) return;
    if constexpr (requires { decoded->introduction; }) {
        must_hold(is_plain_text(decoded->introduction, envelope::longest_introduction));
    } else {
        must_hold(is_plain_text(decoded->text, envelope::longest_letter_text));
    }
}

/// To a key that nobody who writes inputs has closed anything to.
void by_card(BytesView bytes) {
    static const auto key = crypto::KemKey::derive(envelope::card_kem, Bytes(32, 1));
    static_cast<void>(envelope::reader_of_card_letter(bytes));
    must_hold(!envelope::open_claim({}, key, {}, bytes).has_value());
    must_hold(!envelope::open_card_letter({{}, envelope::CardWay::ToOwner}, key, Bytes(32), bytes)
                   .has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (data[0]) {
        case 0:
            content(bytes);
            break;
        case 1:
            fuzz::round_trip<envelope::Seen>(bytes);
            break;
        case 2:
            fuzz::round_trip<envelope::WelcomeLetter>(bytes);
            break;
        case 3:
            declared(bytes);
            break;
        case 4:
            closed(bytes);
            break;
        case 5:
            chunk(bytes);
            break;
        case 6:
            fuzz::round_trip<envelope::ClosedCardLetter>(bytes);
            break;
        case 7:
            fuzz::round_trip<envelope::SignedCardWords>(bytes);
            break;
        case 8:
            words_of_card<envelope::ClaimWords>(bytes);
            break;
        case 9:
            words_of_card<envelope::LetterWords>(bytes);
            break;
        case 10:
            by_card(bytes);
            break;
        default:
            break;
    }
    return 0;
}
