// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/interop/members.h"

#include "mls/outside.h"
#include "tests/must.h"

namespace cercle::interop {
namespace {

/// Of a leaf, and of a group's context: all members of both sides know them.
constexpr mls::ExtensionType of_leaf{0xF0C1};
constexpr mls::ExtensionType of_context{0xF0C2};

/// When it is, here; the other side asks the machine's clock, so that packages hold always.
constexpr WallTime now{std::chrono::days(20000)};

mls::Lifetime always() {
    return mls::Lifetime::of(WallTime{}, WallTime{std::chrono::days(100000)});
}

Bytes bytes_of(const Json& question, const char* name) {
    auto bytes = from_hex(question.value(name, ""));
    must(bytes.has_value());
    return *std::move(bytes);
}

mls::LeafIndex leaf_of(const Json& number) {
    return {number.get<std::uint32_t>()};
}

mls::Extensions context_of(const Json& question) {
    return {{of_context, bytes_of(question, "context")}};
}

/// Everything may arrive here; values that nobody knows stand wherever a leaf may have them
/// (section 13.5).
mls::Profile profile_of(const std::string& name) {
    mls::Profile profile{mls::basic_credential(view_of(name)),
                         {{of_leaf, to_bytes("of " + name)}, {mls::ExtensionType{0xEAEA}, {}}},
                         {of_context}};
    profile.claimed.suites = {mls::SuiteId{0x0A0A}};
    profile.claimed.extensions = {mls::ExtensionType{0x2A2A}};
    profile.claimed.proposals = {mls::ProposalType{0x3A3A}};
    profile.claimed.credentials = {mls::CredentialType{0x5A5A}};
    return profile;
}

std::vector<mls::PskId> psks_of(const Json& question, const Bytes& group) {
    std::vector<mls::PskId> psks;
    for (const Json& one : question.value("psks", Json::array())) {
        psks.push_back(one.contains("epoch")
                           ? mls::resumption_psk_id(group, {one["epoch"].get<std::uint64_t>()})
                           : mls::external_psk_id(bytes_of(one, "id")));
    }
    return psks;
}

std::optional<Bytes> tree_of(const Json& question) {
    if (!question.contains("tree")) return std::nullopt;
    return bytes_of(question, "tree");
}

mls::HandshakeFraming framing_of(const Json& question) {
    return question.value("open", false) ? mls::HandshakeFraming::Public
                                         : mls::HandshakeFraming::Private;
}

}  // namespace

Result<Secret> Keyring::external_psk(BytesView id) const {
    const auto found = keys.find(to_bytes(id));
    if (found == keys.end()) return fail(Code::psk_unknown, "not in this ring");
    return Secret::copy_of(found->second);
}

mls::Surroundings Members::around() const {
    return {judge_, now, &keyring_, mls::whole_rfc};
}

Json Members::answer(const Json& question) {
    const std::string what = question.at("do");
    if (what == "suites") {
        Json suites = Json::array();
        for (const mls::Suite& suite : mls::all_suites())
            suites.push_back(std::to_underlying(suite.id));
        return {{"suites", suites}};
    }
    if (what == "psk") {
        keyring_.keys[bytes_of(question, "id")] = bytes_of(question, "value");
        return Json::object();
    }
    const std::string who = question.at("who");
    if (what == "person") {
        const auto* const suite =
            must(mls::find_suite(mls::SuiteId{question.at("suite").get<std::uint16_t>()}));
        devices_.insert_or_assign(who,
                                  Device{suite,
                                         crypto::SigningKey::generate(suite->signature, random_),
                                         profile_of(question.value("name", who))});
        return Json::object();
    }
    Device& self = devices_.at(who);
    const auto found = questions.find(what);
    must(found != questions.end());
    auto answer = (this->*found->second)(self, question);
    if (answer) return *std::move(answer);
    return {{"refused", rule_name(answer.error().code)}, {"why", answer.error().reason.text}};
}

const std::map<std::string_view, Members::Question> Members::questions{
    {"package", &Members::package},
    {"found", &Members::found},
    {"join", &Members::join},
    {"commit", &Members::commit},
    {"enter", &Members::enter},
    {"merge", &Members::merge},
    {"receive", &Members::receive},
    {"say", &Members::say},
    {"propose", &Members::propose},
    {"ask", &Members::ask},
    {"info", &Members::info},
    {"branch", &Members::branch},
    {"reinitialise", &Members::reinitialise},
    {"restart", &Members::restart},
    {"look", &Members::look},
};

Result<std::vector<mls::VerifiedKeyPackage>> Members::packages(const Json& question) const {
    std::vector<mls::VerifiedKeyPackage> verified;
    for (const Json& one : question.value("packages", Json::array())) {
        const auto message = from_hex(one.get<std::string>());
        must(message.has_value());
        TRY(auto package, mls::VerifiedKeyPackage::from_message(*message, around()));
        verified.push_back(std::move(package));
    }
    return verified;
}

std::optional<mls::NewIdentity> Members::renewed(Device& self, const Json& question) {
    if (!question.value("rekey", false)) return std::nullopt;
    self.coming.push_back(crypto::SigningKey::generate(self.suite->signature, random_));
    return std::optional<mls::NewIdentity>(
        std::in_place, self.coming.back(), self.profile.credential, judge_);
}

void Members::settle(Device& self) {
    const Bytes standing = self.group->member(self.group->own_index())->signature_key;
    for (crypto::SigningKey& key : self.coming) {
        if (key.public_key() == standing) self.key = std::move(key);
    }
    self.coming.clear();
}

Result<Json> Members::package(Device& self, const Json& /*question*/) {
    self.package = mls::make_key_package(*self.suite, self.key, self.profile, always(), random_);
    return Json{{"package", to_hex(self.package->message())}};
}

Result<Json> Members::found(Device& self, const Json& question) {
    mls::Extensions context = context_of(question);
    if (question.contains("external_sender")) {
        context.push_back(mls::external_senders(
            {{self.key.public_key(),
              mls::basic_credential(bytes_of(question, "external_sender"))}}));
    }
    TRY(auto group,
        mls::Group::create(*self.suite,
                           bytes_of(question, "group"),
                           self.key,
                           self.profile,
                           std::move(context),
                           random_));
    self.group = std::move(group);
    return Json::object();
}

/// Where the question names `after`, the group that follows that device's.
Result<Json> Members::join(Device& self, const Json& question) {
    must(self.package.has_value());
    const Bytes welcome = bytes_of(question, "welcome");
    const auto tree = tree_of(question);
    if (question.contains("after")) {
        const mls::Group& before = *devices_.at(question["after"]).group;
        TRY(auto group, before.follow(welcome, *self.package, self.key, around(), tree));
        self.group = std::move(group);
    } else {
        TRY(auto group, mls::Group::join(welcome, *self.package, self.key, around(), tree));
        self.group = std::move(group);
    }
    return Json::object();
}

Result<Json> Members::commit(Device& self, const Json& question) {
    using Intents = mls::Intents;
    Intents intents;
    TRY(intents.adds, packages(question));
    for (const Json& one : question.value("removes", Json::array()))
        intents.removes.push_back(leaf_of(one));
    intents.psks = psks_of(question, self.group->group_id());
    intents.psk_source = &keyring_;
    intents.path =
        question.value("path", true) ? Intents::Path::Always : Intents::Path::WhenRequired;
    intents.pending =
        question.value("pending", true) ? Intents::Pending::Include : Intents::Pending::LeaveOut;
    intents.welcome_tree =
        question.value("inside", true) ? mls::TreePlace::Inside : mls::TreePlace::Beside;
    intents.padding = question.value("padding", 0U);
    self.group->send_handshakes(framing_of(question));
    const auto identity = renewed(self, question);
    if (identity) intents.leaf.identity = &*identity;
    if (question.contains("context")) intents.context_extensions = context_of(question);
    if (question.contains("reinit")) {
        const Json& into = question["reinit"];
        intents.reinit = mls::ReInit{bytes_of(into, "group"),
                                     mls::ProtocolVersion::Mls10,
                                     mls::SuiteId{into.at("suite").get<std::uint16_t>()},
                                     context_of(into)};
    }
    TRY(auto staged,
        self.group->stage_commit(intents, view_of(question.value("beside", "")), random_));
    self.group->spend_key_of(staged);
    const Json answer{{"commit", to_hex(staged.commit)}, {"welcome", to_hex(staged.welcome)}};
    self.staged = std::move(staged);
    return answer;
}

Result<Json> Members::enter(Device& self, const Json& question) {
    TRY(const auto info,
        mls::VerifiedGroupInfo::from_message(
            bytes_of(question, "info"), around(), tree_of(question)));
    mls::ExternalIntents intents;
    if (question.contains("replaces")) intents.replaces = leaf_of(question["replaces"]);
    intents.psks = psks_of(question, info.group_id());
    intents.psk_source = &keyring_;
    TRY(auto join, mls::Group::join_externally(info, self.key, self.profile, intents, random_));
    self.entering = std::move(join.group);
    return Json{{"commit", to_hex(join.commit)}};
}

/// Enters what was made last. What is made and not merged has lost; another made in its place
/// forgets it.
Result<Json> Members::merge(Device& self, const Json& /*question*/) {
    if (self.entering) {
        self.group = std::exchange(self.entering, std::nullopt);
    } else {
        must(self.staged.has_value());
        TRY_VOID(self.group->merge(*std::exchange(self.staged, std::nullopt)));
    }
    settle(self);
    return Json{{"tree", to_hex(self.group->ratchet_tree())}};
}

Result<Json> Members::receive(Device& self, const Json& question) {
    TRY(auto received, self.group->receive(bytes_of(question, "message"), around()));
    if (const auto* const text = std::get_if<mls::ApplicationMessage>(&received)) {
        return Json{{"kind", "text"},
                    {"text", to_text(text->content)},
                    {"beside", to_text(text->authenticated_data)}};
    }
    if (std::holds_alternative<mls::StoredProposal>(received)) return Json{{"kind", "proposal"}};
    if (std::holds_alternative<mls::Eviction>(received)) return Json{{"kind", "removed"}};
    if (std::holds_alternative<mls::OwnMessage>(received)) return Json{{"kind", "own"}};
    TRY_VOID(self.group->apply(std::get<mls::StagedEpoch>(std::move(received))));
    settle(self);
    return Json{{"kind", "commit"}};
}

Result<Json> Members::say(Device& self, const Json& question) {
    const std::string text = question.at("text");
    TRY(const auto message,
        self.group->protect(view_of(text),
                            view_of(question.value("beside", "")),
                            question.value("padding", 0U),
                            random_));
    return Json{{"message", to_hex(message)}};
}

Result<Json> Members::propose(Device& self, const Json& question) {
    const std::string kind = question.at("kind");
    self.group->send_handshakes(framing_of(question));
    const auto identity = renewed(self, question);
    const auto made = [&]() -> Result<Bytes> {
        mls::Group& group = *self.group;
        if (kind == "update")
            return group.propose_update({identity ? &*identity : nullptr}, {}, random_);
        if (kind == "remove") return group.propose_remove(leaf_of(question["leaf"]), {}, random_);
        if (kind == "psk")
            return group.propose_psk(psks_of(question, group.group_id()).at(0), {}, random_);
        if (kind == "context")
            return group.propose_context_extensions(context_of(question), {}, random_);
        must(kind == "add");
        TRY(const auto added, packages(question));
        return group.propose_add(added.at(0), {}, random_);
    };
    TRY(const auto message, made());
    return Json{{"message", to_hex(message)}};
}

/// "Please add me" (section 12.1.8).
Result<Json> Members::ask(Device& self, const Json& question) {
    const mls::GroupPlace place{bytes_of(question, "group"), {question.at("epoch")}};
    TRY(const auto message, mls::ask_to_be_added(place, self.package->package(), self.key, {}));
    return Json{{"message", to_hex(message)}};
}

Result<Json> Members::info(Device& self, const Json& question) {
    mls::PublishedInfo published;
    if (!question.value("inside", true)) published.tree = mls::TreePlace::Beside;
    TRY(const auto info, self.group->group_info(published));
    return Json{{"info", to_hex(info)}, {"tree", to_hex(self.group->ratchet_tree())}};
}

/// `into`, a person of ours, founds a group with some members of `self`'s.
Result<Json> Members::branch(Device& self, const Json& question) {
    Device& founder = devices_.at(question.at("into"));
    TRY(auto members, packages(question));
    TRY(auto following,
        self.group->branch(bytes_of(question, "group"),
                           self.group->context_extensions(),
                           {founder.key, founder.profile, std::move(members)},
                           judge_,
                           random_));
    founder.group = std::move(following.group);
    return Json{{"welcome", to_hex(following.welcome)},
                {"tree", to_hex(founder.group->ratchet_tree())}};
}

/// `into`, a person of ours in the new suite, founds the group that comes after `self`'s.
Result<Json> Members::reinitialise(Device& self, const Json& question) {
    Device& founder = devices_.at(question.at("into"));
    TRY(auto members, packages(question));
    TRY(auto following,
        self.group->reinitialise(
            {founder.key, founder.profile, std::move(members)}, judge_, random_));
    founder.group = std::move(following.group);
    return Json{{"welcome", to_hex(following.welcome)},
                {"tree", to_hex(founder.group->ratchet_tree())}};
}

/// Ends and starts again, from what it stored.
Result<Json> Members::restart(Device& self, const Json& /*question*/) {
    const mls::Saved saved = self.group->save();
    TRY(auto loaded, mls::Group::load(saved.public_part, saved.secret_part, self.key));
    self.group = std::move(loaded);
    return Json::object();
}

Result<Json> Members::look(Device& self, const Json& /*question*/) {
    const mls::Group& group = *self.group;
    const Secret exported = group.export_secret("interop", view_of("context"), 32);
    Json members = Json::array();
    for (const mls::Member& member : group.roster()) {
        const auto& basic = std::get<mls::BasicCredential>(member.credential.content);
        members.push_back({member.index.value, to_text(basic.identity)});
    }
    return Json{{"epoch", group.epoch().value},
                {"authenticator", to_hex(group.epoch_authenticator().reveal())},
                {"exported", to_hex(exported.reveal())},
                {"context", to_hex(find_extension(group.context_extensions(), of_context)->data)},
                {"members", std::move(members)},
                {"leaf", group.own_index().value}};
}

}  // namespace cercle::interop
