// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Vectors of the whole: messages, trees and TreeKEM.
#include <algorithm>
#include <map>

#include "mls/message_protection.h"
#include "mls/proposal_list.h"
#include "mls/tree_validation.h"
#include "mls/treekem.h"
#include "tests/vectors/mls_entries.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::vectors {

using namespace mls;

namespace {

GroupContext context_of(const Suite& suite, const Json& entry) {
    GroupContext context;
    context.suite = suite.id;
    context.group_id = unhex(entry.at("group_id"));
    context.epoch = {entry.at("epoch").get<std::uint64_t>()};
    context.confirmed_transcript_hash = unhex(entry.at("confirmed_transcript_hash"));
    return context;
}

// What a message-protection vector has in common for its three messages.
struct Protection {
    const Suite& suite;
    Bytes context;
    GroupContext fields;
    Secret sender_data;
    Secret membership;
    Bytes encryption;
    crypto::SigningKey key;
    Bytes public_key;

    [[nodiscard]] SecretTree tree() const { return {TreeSize{2}, Secret::copy_of(encryption)}; }

    [[nodiscard]] Result<VerifiedContent> open_public(const Bytes& message) const {
        TRY(auto read, codec::decode<MlsMessage>(message));
        auto* const open = std::get_if<PublicMessage>(&read.content);
        if (open == nullptr) return fail(Code::wire_format, "not public");
        TRY(auto content, unprotect_publicly(suite, std::move(*open), context, membership));
        return std::move(content).verify(suite, context, public_key);
    }

    [[nodiscard]] Result<VerifiedContent> open_private(const Bytes& message) const {
        TRY(const auto read, codec::decode<MlsMessage>(message));
        const auto* const closed = std::get_if<PrivateMessage>(&read.content);
        if (closed == nullptr) return fail(Code::wire_format, "not private");
        TRY(const auto sender, open_sender_data(suite, *closed, sender_data));
        if (sender.leaf != LeafIndex{1}) return fail(Code::leaf_not_a_member, "not leaf 1");
        const SecretTree secrets = tree();
        TRY(const auto found,
            secrets.look_up(
                suite, sender.leaf, ratchet_for(closed->content_type), sender.generation));
        TRY(auto content, unprotect_privately(suite, *closed, sender, found.key));
        return std::move(content).verify(suite, context, public_key);
    }
};

Bytes raw_content(const VerifiedContent& content) {
    if (const auto* const data = std::get_if<Bytes>(&content.framed().content)) return *data;
    codec::Writer writer;
    write_content(writer, content.framed().content);
    return std::move(writer).take();
}

void try_one_message(const Protection& with,
                     const Json& entry,
                     const std::string& name,
                     Trial& trial) {
    const Bytes raw = unhex(entry.at(name));
    const auto closed = with.open_private(unhex(entry.at(name + "_priv")));
    trial.expect(closed && raw_content(*closed) == raw, name + "_priv");
    if (!closed) return;
    const bool is_public = entry.contains(name + "_pub");
    if (is_public) {
        const auto open = with.open_public(unhex(entry.at(name + "_pub")));
        trial.expect(open && raw_content(*open) == raw, name + "_pub");
    }
    // And back: ours must open, too.
    SeededRandom random(7);
    for (const auto format : {WireFormat::PublicMessage, WireFormat::PrivateMessage}) {
        if (format == WireFormat::PublicMessage && !is_public) continue;
        auto made = VerifiedContent::sign(format, closed->framed(), with.context, with.key);
        if (name == "commit") made = std::move(made).with_confirmation_tag(Bytes(32));
        if (format == WireFormat::PublicMessage) {
            const Bytes sent = codec::encode(
                MlsMessage{protect_publicly(with.suite, made, with.context, with.membership)});
            trial.expect(with.open_public(sent).has_value(), name + ", ours in public");
            continue;
        }
        const SecretTree secrets = with.tree();
        const auto key =
            secrets.look_up_next(with.suite, {1}, ratchet_for(type_of(made.framed().content)));
        if (!trial.expect(key.has_value(), name + ", key")) return;
        const Bytes sent = codec::encode(
            MlsMessage{protect_privately(with.suite, made, with.sender_data, *key, 13, random)});
        trial.expect(with.open_private(sent).has_value(), name + ", ours in private");
    }
}

}  // namespace

void try_message_protection(const Suite& suite, const Json& entry, Trial& trial) {
    GroupContext context = context_of(suite, entry);
    context.tree_hash = unhex(entry.at("tree_hash"));
    auto key = signing_key(suite, unhex(entry.at("signature_priv")));
    if (!trial.expect(key.has_value(), "signature_priv")) return;
    const Protection with{suite,
                          codec::encode(context),
                          context,
                          unhex_secret(entry.at("sender_data_secret")),
                          unhex_secret(entry.at("membership_key")),
                          unhex(entry.at("encryption_secret")),
                          *std::move(key),
                          unhex(entry.at("signature_pub"))};
    try_one_message(with, entry, "proposal", trial);
    try_one_message(with, entry, "commit", trial);
    try_one_message(with, entry, "application", trial);
}

void try_tree_operations(const Suite& suite, const Json& entry, Trial& trial) {
    auto before = codec::decode<UncheckedTree>(unhex(entry.at("tree_before")));
    const auto proposal = codec::decode<Proposal>(unhex(entry.at("proposal")));
    if (!trial.expect(before && proposal, "decoding")) return;
    RatchetTree tree = std::move(*before).take_stored();
    trial.expect(tree.root_hash(suite) == unhex(entry.at("tree_hash_before")), "hash before");
    const LeafIndex sender{entry.at("proposal_sender").get<std::uint32_t>()};
    if (const auto* const add = std::get_if<Add>(&proposal->content)) {
        trial.expect(tree.add(add->package->leaf).has_value(), "add");
    } else if (const auto* const update = std::get_if<Update>(&proposal->content)) {
        if (!trial.expect(tree.leaf(sender) != nullptr, "proposal_sender")) return;
        tree.update(sender, update->leaf);
    } else if (const auto* const remove = std::get_if<Remove>(&proposal->content)) {
        if (!trial.expect(tree.leaf(remove->removed) != nullptr, "proposal")) return;
        tree.remove(remove->removed);
    } else {
        trial.expect(false, "a kind of proposal that changes no tree");
    }
    trial.expect(codec::encode(tree) == unhex(entry.at("tree_after")), "tree after");
    trial.expect(tree.root_hash(suite) == unhex(entry.at("tree_hash_after")), "hash after");
}

void try_tree_validation(const Suite& suite, const Json& entry, Trial& trial) {
    auto unchecked = codec::decode<UncheckedTree>(unhex(entry.at("tree")));
    if (!trial.expect(unchecked.has_value(), "tree")) return;
    const CredulousJudge judge;
    const auto tree = std::move(*unchecked).validate(suite, unhex(entry.at("group_id")), {}, judge);
    if (!trial.expect(tree.has_value(), "validation")) {
        trial.expect(false, rule_name(tree.error().code));
        return;
    }
    for (NodeIndex at{0}; at.value < tree->size().nodes(); ++at.value) {
        trial.expect(tree->tree_hash(suite, at) == unhex(entry.at("tree_hashes").at(at.value)),
                     "tree hash");
        std::vector<std::uint32_t> resolution;
        for (const NodeIndex node : tree->resolution(at))
            resolution.push_back(node.value);
        trial.expect(
            resolution == entry.at("resolutions").at(at.value).get<std::vector<std::uint32_t>>(),
            "resolution");
    }
}

namespace {

std::optional<PrivateKeys> private_keys(const Suite& suite,
                                        const RatchetTree& tree,
                                        const Json& one,
                                        Trial& trial) {
    auto leaf_key = kem_key(suite, one.at("encryption_priv"));
    const LeafIndex own{one.at("index").get<std::uint32_t>()};
    if (!trial.expect(leaf_key && tree.leaf(own) != nullptr, "leaf key")) return std::nullopt;
    trial.expect(std::ranges::equal(leaf_key->public_key(), tree.encryption_key(node_of(own))),
                 "leaf's public key");
    PrivateKeys keys(own, std::make_shared<const crypto::KemKey>(*std::move(leaf_key)));
    for (const Json& path : one.at("path_secrets")) {
        const NodeIndex node{path.at("node").get<std::uint32_t>()};
        auto key = derive_node_key(suite, unhex_secret(path.at("path_secret")));
        const bool is_parent = node.value < tree.size().nodes() && !is_leaf(node);
        if (!trial.expect(is_parent && !tree.is_blank(node) &&
                              std::ranges::equal(key.public_key(), tree.encryption_key(node)),
                          "node's public key")) {
            return std::nullopt;
        }
        keys.set(node, std::make_shared<const crypto::KemKey>(std::move(key)));
    }
    return keys;
}

struct TreeKemEntry {
    const Suite& suite;
    const Json& entry;
    RatchetTree tree;
    std::map<LeafIndex, PrivateKeys> members;
    std::map<LeafIndex, Bytes> signature_keys;
};

// Merges a path and opens it as everybody but its sender.
void everyone_opens(const TreeKemEntry& at,
                    const UpdatePath& path,
                    LeafIndex sender,
                    const Secret& commit_secret,
                    const Json* path_secrets,
                    const Bytes* expected_hash,
                    Trial& trial) {
    if (!trial.expect(check_path(at.suite, path, sender, at.tree, {}).has_value(),
                      "path's shape")) {
        return;
    }
    std::vector<Bytes> publics;
    for (const auto& node : path.nodes)
        publics.push_back(node.encryption_key);
    RatchetTree tree = at.tree;
    const Bytes parent_hash = tree.merge_path(at.suite, sender, publics);
    trial.expect(parent_hash == path.leaf->origin.parent_hash, "path's parent hash");
    tree.set_leaf(sender, path.leaf);
    GroupContext context = context_of(at.suite, at.entry);
    context.tree_hash = tree.root_hash(at.suite);
    if (expected_hash != nullptr) trial.expect(context.tree_hash == *expected_hash, "hash after");
    trial.expect(verify_leaf(at.suite, path.leaf, {context.group_id, sender}).has_value(),
                 "path's leaf");
    trial.expect(check_parent_hashes(at.suite, tree).has_value(), "parent hashes after");
    for (const auto& [own, keys] : at.members) {
        if (own == sender) continue;
        PrivateKeys ours = keys;
        ours.keep_only_those_in(tree);
        const auto opened =
            open_path(at.suite, path, sender, tree, {}, ours, codec::encode(context));
        if (!trial.expect(opened.has_value(), "opening the path")) return;
        trial.expect(opened->commit_secret == commit_secret, "commit_secret");
        if (path_secrets == nullptr) continue;
        if (!trial.expect(!opened->keys.empty(), "path secret")) return;
        const Secret first = unhex_secret(path_secrets->at(own.value));
        trial.expect(derive_node_key(at.suite, first).public_key() ==
                         opened->keys.front().second->public_key(),
                     "path secret");
    }
}

void own_path(const TreeKemEntry& at, LeafIndex sender, Trial& trial) {
    SeededRandom random(sender.value);
    const PathDraft draft = PathDraft::draw(at.suite, at.tree, sender, random);
    RatchetTree tree = at.tree;
    const auto key = signing_key(at.suite, at.signature_keys.at(sender));
    if (!trial.expect(key.has_value(), "signature key")) return;
    LeafNode leaf = *tree.leaf(sender)->open();
    leaf.encryption_key = crypto::KemKey::generate(at.suite.hpke.kem, random).public_key();
    leaf.origin = {
        LeafNodeSource::Commit, {}, tree.merge_path(at.suite, sender, draft.public_keys())};
    GroupContext context = context_of(at.suite, at.entry);
    const Leaf frozen = sign_leaf(std::move(leaf), {context.group_id, sender}, *key);
    tree.set_leaf(sender, frozen);
    context.tree_hash = tree.root_hash(at.suite);
    auto nodes = draft.encrypt(at.suite, tree, {}, codec::encode(context), random);
    if (!trial.expect(nodes.has_value(), "encrypting a path")) return;
    const UpdatePath path{frozen, *std::move(nodes)};
    everyone_opens(at, path, sender, draft.commit_secret, nullptr, nullptr, trial);
}

}  // namespace

void try_treekem(const Suite& suite, const Json& entry, Trial& trial) {
    auto unchecked = codec::decode<UncheckedTree>(unhex(entry.at("ratchet_tree")));
    if (!trial.expect(unchecked.has_value(), "ratchet_tree")) return;
    TreeKemEntry at{suite, entry, std::move(*unchecked).take_stored(), {}, {}};
    for (const Json& one : entry.at("leaves_private")) {
        auto keys = private_keys(suite, at.tree, one, trial);
        if (!keys) return;
        at.signature_keys.emplace(keys->own(), unhex(one.at("signature_priv")));
        at.members.emplace(keys->own(), *std::move(keys));
    }
    for (const Json& one : entry.at("update_paths")) {
        const LeafIndex sender{one.at("sender").get<std::uint32_t>()};
        if (!trial.expect(at.tree.leaf(sender) != nullptr, "sender")) return;
        const auto path = codec::decode<UpdatePath>(unhex(one.at("update_path")));
        if (!trial.expect(path.has_value(), "update_path")) return;
        const Bytes hash = unhex(one.at("tree_hash_after"));
        everyone_opens(at,
                       *path,
                       sender,
                       unhex_secret(one.at("commit_secret")),
                       &one.at("path_secrets"),
                       &hash,
                       trial);
        own_path(at, sender, trial);
    }
}

}  // namespace cercle::vectors
