// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/chain.h"

#include <string_view>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "merkle/checkpoint.h"
#include "protocol/chain.h"

namespace cercle::relay {
namespace {

// Of one length, so that no label runs into the bytes.
std::string_view label_of(ContentOf what) {
    switch (what) {
        case ContentOf::Entry:
            return "Cercle 1 content entry   ";
        case ContentOf::Bundle:
            return "Cercle 1 content bundle  ";
        case ContentOf::Deposit:
            return "Cercle 1 content deposit ";
        case ContentOf::Founding:
            return "Cercle 1 content founding";
        case ContentOf::Order:
            return "Cercle 1 content order   ";
        case ContentOf::Package:
            return "Cercle 1 content package ";
        case ContentOf::Chunk:
            return "Cercle 1 content chunk   ";
        case ContentOf::Guess:
            return "Cercle 1 content guess   ";
        case ContentOf::Share:
            return "Cercle 1 content share   ";
        case ContentOf::Tally:
            return "Cercle 1 content tally   ";
        case ContentOf::Letter:
            return "Cercle 1 content letter  ";
        case ContentOf::Face:
            return "Cercle 1 content face    ";
        case ContentOf::Card:
            return "Cercle 1 content card    ";
        case ContentOf::Misuse:
            return "Cercle 1 content misuse  ";
        case ContentOf::Word:
            return "Cercle 1 content word    ";
    }
    return "";
}

}  // namespace

ChainHash chain_after(const ChainHash& before, const LogId& log, const protocol::Entry& entry) {
    protocol::ChainLink link{};
    link.before = before;
    link.log = log;
    link.seq = entry.seq;
    link.kind = entry.kind;
    link.epoch = entry.epoch;
    link.stamp = entry.stamp;
    link.payload_hash = crypto::sha256(entry.payload);
    return ChainHash{crypto::sha256(codec::encode(link))};
}

merkle::Hash record_hash(const ChainHash& chain, Seq seq) {
    merkle::RecordLeaf leaf;
    leaf.chain = chain.bytes;
    leaf.seq = seq.value;
    return merkle::leaf_hash(codec::encode(leaf));
}

ContentHash content_hash(ContentOf what, BytesView bytes) {
    return ContentHash{crypto::sha256({view_of(label_of(what)), bytes})};
}

ContentHash content_hash(protocol::CardLetter letter) {
    letter.tier = protocol::Tier{};
    return content_hash(ContentOf::Letter, codec::encode(letter));
}

ContentHash content_hash(const protocol::Entry& entry) {
    switch (entry.kind) {
        case protocol::EntryKind::Application:
            return content_hash(ContentOf::Entry, entry.payload);
        case protocol::EntryKind::Bundle:
            return content_hash(ContentOf::Bundle, entry.payload);
        case protocol::EntryKind::Deposit:
            return content_hash(ContentOf::Deposit, entry.payload);
        case protocol::EntryKind::Card: {
            const auto letter = codec::decode<protocol::CardLetter>(entry.payload);
            return letter.has_value() ? content_hash(*letter) : ContentHash{};
        }
    }
    return {};  // a kind that no table takes
}

}  // namespace cercle::relay
