// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/card_letter.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "access/label.h"
#include "base/utf8.h"
#include "codec/tls.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"

namespace cercle::envelope {
namespace {

constexpr crypto::HpkeSuite suite{
    card_kem, crypto::HashAlgorithm::Sha384, crypto::AeadAlgorithm::Aes256Gcm};

/// What is encrypted has one of these sizes. The second is the longest whose letter fits where a
/// card's tier is `knock` (protocol::longest_knock).
constexpr std::array<std::size_t, 4> classes{2048, 6656, 16'384, 60'416};

/// To whom it is said, too: nobody passes a letter on as one to himself.
struct Statement {
    protocol::CardId card;
    KeyHash reader;
    Bytes words;

    auto fields(this auto& self) { return std::tie(self.card, self.reader, self.words); }
};

access::Label label_of(CardWay way) {
    switch (way) {
        case CardWay::Claim:
            return access::Label::CardClaim;
        case CardWay::ToOwner:
            return access::Label::CardLetter;
        case CardWay::ToHolder:
            return access::Label::CardAnswer;
    }
    return access::Label::CardClaim;
}

BytesView info_of(CardWay way) {
    return view_of(access::label_text(label_of(way)));
}

Result<Bytes> close(const CardRoute& route,
                    BytesView reader,
                    const crypto::SigningKey& author,
                    Bytes words,
                    Random& random) {
    const KeyHash to = hash_of_key(reader);
    SignedCardWords said{std::move(words), {}};
    said.signature = access::sign(
        author, label_of(route.way), codec::encode(Statement{route.card, to, said.words}));
    codec::Writer writer;
    writer.opaque(codec::encode(said));
    Bytes padded = std::move(writer).take();
    const auto room = std::ranges::lower_bound(classes, padded.size());
    if (room == classes.end()) return fail(Code::too_large, "a letter that is too long");
    padded.resize(*room, 0);
    TRY(auto hybrid,
        crypto::hpke_encrypt(suite, reader, info_of(route.way), route.card.view(), padded, random));
    return codec::encode(ClosedCardLetter{
        1, route.way, to, std::move(hybrid.encapsulation), std::move(hybrid.ciphertext)});
}

/// Its words, before anybody has said by whom they are signed.
Result<SignedCardWords> decrypt(const CardRoute& route,
                                const crypto::KemKey& reader,
                                BytesView bytes) {
    TRY(const auto closed, codec::decode<ClosedCardLetter>(bytes));
    if (closed.way != route.way || closed.reader != hash_of_key(reader.public_key())) {
        return fail(Code::forged, "a letter that was closed for something else");
    }
    TRY(const Secret padded,
        crypto::hpke_decrypt(suite,
                             reader,
                             info_of(route.way),
                             route.card.view(),
                             closed.encapsulation,
                             closed.ciphertext));
    codec::Reader content(padded.reveal());
    TRY(const BytesView said, content.opaque());
    for (const std::uint8_t byte : content.rest()) {
        if (byte != 0) return fail(Code::not_canonical, "padding that is not zero");
    }
    return codec::decode<SignedCardWords>(said);
}

Result<void> verify(const CardRoute& route,
                    const crypto::KemKey& reader,
                    BytesView author,
                    const SignedCardWords& said) {
    return access::verify(
        author,
        label_of(route.way),
        codec::encode(Statement{route.card, hash_of_key(reader.public_key()), said.words}),
        said.signature);
}

Result<void> check_key(BytesView key) {
    if (key.size() == crypto::kem_public_key_size(card_kem)) return {};
    return fail(Code::malformed, "words of a card without a key");
}

}  // namespace

Result<void> ClosedCardLetter::check() const {
    if (version != 1) return fail(Code::unsupported, "a card's letter of another version");
    if (way < CardWay::Claim || way > CardWay::ToHolder) {
        return fail(Code::malformed, "a card's letter that goes nowhere");
    }
    return {};
}

Result<void> ClaimWords::check() const {
    if (version != 1) return fail(Code::unsupported, "a claim of another version");
    TRY_VOID(check_key(key));
    if (is_plain_text(introduction, longest_introduction)) return {};
    return fail(Code::invalid_text, "an introduction that is no plain text");
}

Result<void> LetterWords::check() const {
    if (version != 1 || kind < Kind::Binding || kind > Kind::AnsweredBinding) {
        return fail(Code::unsupported, "a card's letter of another version");
    }
    TRY_VOID(check_key(key));
    if (text.size() > longest_letter_text) {
        return fail(Code::too_large, "a card's letter that is too long");
    }
    if (kind == Kind::Binding && !is_name(text)) {
        return fail(Code::invalid_text, "an owner's name that may not stand as one");
    }
    if (kind == Kind::AnsweredBinding) TRY_VOID(names_in(text));
    if (is_plain_text(text, longest_letter_text)) return {};
    return fail(Code::invalid_text, "a card's letter that is no plain text");
}

std::string text_of(const NamesInLetter& names) {
    return names.answerer + "\n" + names.owner;
}

Result<NamesInLetter> names_in(std::string_view text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !is_name(text.substr(0, end)) ||
        !is_name(text.substr(end + 1))) {
        return fail(Code::invalid_text, "two names that may not stand as such");
    }
    return NamesInLetter{std::string(text.substr(0, end)), std::string(text.substr(end + 1))};
}

KeyHash hash_of_key(BytesView public_key) {
    return KeyHash{crypto::sha256(public_key)};
}

Result<Bytes> close_claim(const CardRoute& route,
                          BytesView reader,
                          const crypto::SigningKey& holder,
                          const ClaimWords& words,
                          Random& random) {
    return close(route, reader, holder, codec::encode(words), random);
}

Result<Bytes> close_card_letter(const CardRoute& route,
                                BytesView reader,
                                const crypto::SigningKey& author,
                                const LetterWords& words,
                                Random& random) {
    return close(route, reader, author, codec::encode(words), random);
}

Result<KeyHash> reader_of_card_letter(BytesView closed) {
    TRY(const auto letter, codec::decode<ClosedCardLetter>(closed));
    return letter.reader;
}

Result<ClaimWords> open_claim(const CardRoute& route,
                              const crypto::KemKey& reader,
                              const protocol::HolderKey& holder,
                              BytesView closed) {
    TRY(const SignedCardWords said, decrypt(route, reader, closed));
    TRY_VOID(verify(route, reader, holder.view(), said));
    TRY(ClaimWords words, codec::decode<ClaimWords>(said.words));
    if (words.holder != holder) return fail(Code::forged, "a claim for somebody else");
    return words;
}

Result<LetterWords> open_card_letter(const CardRoute& route,
                                     const crypto::KemKey& reader,
                                     BytesView author,
                                     BytesView closed) {
    TRY(const SignedCardWords said, decrypt(route, reader, closed));
    TRY_VOID(verify(route, reader, author, said));
    return codec::decode<LetterWords>(said.words);
}

}  // namespace cercle::envelope
