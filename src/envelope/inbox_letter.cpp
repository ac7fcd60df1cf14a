// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/inbox_letter.h"

#include <string_view>

#include "codec/tls.h"
#include "crypto/aead.h"
#include "envelope/padding.h"

namespace cercle::envelope {
namespace {

constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
constexpr std::string_view letter_label = "Cercle 1 inbox letter";
constexpr std::string_view package_label = "Cercle 1 key package";
constexpr std::string_view revocation_label = "Cercle 1 inbox revocation";
constexpr std::string_view report_label = "Cercle 1 inbox report";
constexpr std::string_view drawer_label = "Cercle 1 inbox drawer";
constexpr std::string_view page_label = "Cercle 1 inbox page";
constexpr std::string_view office_label = "Cercle 1 inbox office";
constexpr std::string_view account_label = "Cercle 1 inbox account";

std::string_view label_of(Word word) {
    switch (word) {
        case Word::Revocation:
            return revocation_label;
        case Word::Report:
            return report_label;
        case Word::Drawer:
            return drawer_label;
        case Word::Office:
            return office_label;
        case Word::Account:
            return account_label;
        case Word::Page:
            break;
    }
    return page_label;
}

/// nonce || AES-256-GCM(opaque plain<V> || zeros up to the size class). Many members close under
/// one key: 96-bit random nonces are safe for the 2^32 letters that no inbox ever sees.
Bytes close(const Secret& key, std::string_view label, BytesView plain, Random& random) {
    codec::Writer writer;
    writer.opaque(plain);
    Bytes padded = std::move(writer).take();
    padded.resize(size_class(padded.size()), 0);
    Bytes closed(crypto::aead_nonce_size);
    random.fill(closed);
    append(closed, crypto::aead_encrypt(algorithm, key.reveal(), closed, view_of(label), padded));
    return closed;
}

Result<Bytes> open(const Secret& key, std::string_view label, BytesView closed) {
    if (closed.size() < crypto::aead_nonce_size) {
        return fail(Code::forged, "an inbox letter that was cut off");
    }
    TRY(const Bytes padded,
        crypto::aead_decrypt(algorithm,
                             key.reveal(),
                             closed.first(crypto::aead_nonce_size),
                             view_of(label),
                             closed.subspan(crypto::aead_nonce_size)));
    codec::Reader reader(padded);
    TRY(const BytesView plain, reader.opaque());
    for (const std::uint8_t byte : reader.rest()) {
        if (byte != 0) return fail(Code::not_canonical, "padding that is not zero");
    }
    return to_bytes(plain);
}

}  // namespace

Bytes close_letter(const Secret& closing_key, const WelcomeLetter& letter, Random& random) {
    return close(closing_key, letter_label, codec::encode(letter), random);
}

std::size_t closed_size(const WelcomeLetter& letter) {
    codec::Writer counting = codec::Writer::counting();
    counting.opaque(codec::encode(letter));
    return crypto::aead_nonce_size + size_class(counting.size()) + crypto::aead_tag_size;
}

Result<WelcomeLetter> open_letter(const Secret& closing_key, BytesView closed) {
    TRY(const Bytes plain, open(closing_key, letter_label, closed));
    TRY(WelcomeLetter letter, codec::decode<WelcomeLetter>(plain));
    if (letter.version != 1) return fail(Code::unsupported, "an inbox letter of another version");
    return letter;
}

Bytes close_word(const Secret& closing_key, Word word, BytesView says, Random& random) {
    return close(closing_key, label_of(word), says, random);
}

Result<Bytes> open_word(const Secret& closing_key, Word word, BytesView closed) {
    return open(closing_key, label_of(word), closed);
}

Result<Bytes> close_anew(const Secret& before,
                         const Secret& now,
                         BytesView closed,
                         Random& random) {
    for (const std::string_view label :
         {letter_label, revocation_label, report_label, drawer_label, page_label}) {
        const auto plain = open(before, label, closed);
        if (plain) return close(now, label, *plain, random);
    }
    return fail(Code::forged, "a letter that this device has not closed under that key");
}

Bytes close_package(const Secret& closing_key, BytesView key_package, Random& random) {
    return close(closing_key, package_label, key_package, random);
}

Result<Bytes> open_package(const Secret& closing_key, BytesView closed) {
    return open(closing_key, package_label, closed);
}

}  // namespace cercle::envelope
