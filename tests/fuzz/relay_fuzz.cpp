// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A relay at work meets a peer's bytes, before its Hello and after. It must not end, its store
// must hold together, and afterwards nobody's session may be left.
//
// The first byte says who the peer is; then come letters: a byte of what to do with it, and the
// letter itself, opaque<V>. A letter that decodes as a request gets what a mutation never would
// find: the log's name, its token, a right signature. So the bytes decide about all the rest.
#include <memory>

#include "relay/chain.h"
#include "relay/recovery.h"
#include "relay/verify.h"
#include "tests/fuzz/round_trip.h"
#include "tests/stage/calling.h"
#include "tests/stage/locked.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using fuzz::must_hold;

enum Mending : std::uint8_t { AsItIs = 1, KeepNames = 2, KeepRights = 4, WaitBefore = 8 };

/// What the relay takes for its store, all inside one transaction that is never committed: the
/// next input finds the store as this one did.
class Rehearsed final : public LogStore {
  public:
    explicit Rehearsed(LogStore& inner)
        : inner_(inner) {}

    template <class Play>
    void rehearse(const Play& play) {
        const auto rehearsed = inner_.transact([&](LogTables& tables) -> Result<void> {
            tables_ = &tables;
            play();
            tables_ = nullptr;
            return fail(Code::closing, "it was only a rehearsal");
        });
        must_hold(!rehearsed.has_value() && rehearsed.error().code == Code::closing);
    }

    Result<void> transact(const Work& work) override {
        ++transactions;
        return look(work);
    }

    Result<void> look(const Work& work) override {
        if (tables_ != nullptr) return work(*tables_);
        return inner_.look(work);
    }

    Result<void> put_away() override { return {}; }

    Result<void> give_back() override { return {}; }

    /// Pages are looked at outside of transactions; verify goes on with what stands in them.
    Result<void> check_integrity() override { return {}; }

    std::size_t transactions = 0;

  private:
    LogStore& inner_;
    LogTables* tables_ = nullptr;
};

/// A relay with a circle on it, a conversation of Ana and Ben, a letter, a key package, an
/// exchange, a file that is half there, two cards of Ana's, one of them Zoe's, and a phone's unlock
/// share.
class House : public Desk {
  public:
    House() {
        // The server's own clock begins there, and what is stored here must not have ended then.
        now = {static_cast<std::uint64_t>(loop.clock().wall().time_since_epoch().count())};
        admit(ana);
        admit(ben);
        create(ana, talk, {ana.reader_key(), ben.reader_key()});
        must(ask(ana.asker(), talk.post(0, "first")).has_value());
        must(ask(ana.asker(), ben.letter("letter")).has_value());
        must(ask(ben.reading(), protocol::PutKeyPackages{ben.inbox, {to_bytes("package")}})
                 .has_value());
        must(ask(officer.asker(),
                 officer.order(protocol::OpenExchange{exchange,
                                                      hash_of(access::Right::Exchange, step_token),
                                                      {~std::uint64_t{0} >> 1U}}))
                 .has_value());
        must(ask(ana.asker(), parcel.creation()).has_value());
        must(ask(ana.asker(), parcel.put(0, 7)).has_value());
        must(ask(ana.reading(), card.put()).has_value());
        must(ask(ana.reading(), bound.put()).has_value());
        must(ask(ana.reading(), bound.bind(ana, zoe)).has_value());
        must(ask(ana.asker(), phone.request()).has_value());
        // Restored a moment later than all of that, and with no time left to wait for anybody.
        Terms terms;
        terms.allowance.recovery = std::make_shared<Recovery>(
            protocol::IncarnationStatement{{}, {}, {now.value + 1}}, Duration{-1});
        const auto stands = [this](LogTables& tables) -> Result<void> {
            TRY(const auto log, tables.find_log(talk.log));
            head = log->head;
            chain = log->chain;
            return {};
        };
        must(store->look(stands).has_value());
        server = must(Server::start(loop,
                                    loop.clock(),
                                    network,
                                    {"relay", 7443},
                                    identity,
                                    *rehearsed,
                                    diary,
                                    std::move(terms)));
    }

    House(const House&) = delete;
    House& operator=(const House&) = delete;

    ~House() { must(loop.run_until(server->stop())); }

    /// Shares are no part of what is only rehearsed.
    void put_share_back() {
        must(store
                 ->look([this](LogTables& tables) -> Result<void> {
                     UnlockShares& shares = *tables.unlock_shares();
                     if (shares.tally() == tally_) return {};
                     now.value += 60'000;  // not too often
                     TRY_VOID(shares.put(ana.device_key(), phone.request(), now));
                     tally_ = shares.tally();
                     return {};
                 })
                 .has_value());
    }

    Peer stranger() {
        return {
            loop,
            must(loop.run_until(network.dial({"relay", 7443}, identity.key(), loop.in(patience))))};
    }

    // Where the conversation ends.
    Seq head{};
    ChainHash chain{};
    net::Loop loop{net::Loop::Kind::Virtual, WallTime{std::chrono::hours{500'000}}};
    net::MemoryNetwork network{loop, chance()};
    net::ServerIdentity identity = net::ServerIdentity::generate(chance());
    SilentDiary diary{};
    Actor ana{};
    Actor ben{};
    Talk talk{};
    protocol::ExchangeId exchange = protocol::ExchangeId::random(chance());
    Secret step_token = new_token();
    Parcel parcel{};
    Ticket card{ana.inbox};
    Ticket bound{ana.inbox};
    Visitor zoe{};
    Locked phone{};
    std::unique_ptr<Rehearsed> rehearsed = std::make_unique<Rehearsed>(*store);
    std::unique_ptr<Server> server{};

  private:
    ShareTally tally_{};
};

/// Gives a request what only an honest peer has.
class Mender {
  public:
    Mender(House& house, const crypto::Digest& binding, std::uint8_t how)
        : house_(house),
          binding_(binding),
          names_((how & KeepNames) == 0),
          rights_((how & KeepRights) == 0) {}

    void operator()(protocol::Claim& /*request*/) const {}

    void operator()(protocol::GiveOrder& request) const {
        auto order = codec::decode<protocol::Order>(request.order.order);
        if (!order) return;
        if (names_) order->number = {house_.officer.last + 1};
        request.order.order = codec::encode(*order);
        if (!rights_) return;
        request.order.signature =
            access::sign(house_.officer.key, access::Label::Order, request.order.order);
    }

    void operator()(protocol::CreateLog& /*request*/) const {}

    void operator()(protocol::Post& request) const {
        if (names_) request.log = house_.talk.log;
        if (rights_) request.token = house_.talk.token(request.epoch.value % 8).copy();
    }

    void operator()(protocol::PostBundle& request) const {
        auto bundle = codec::decode<protocol::Bundle>(request.bundle.bundle);
        if (!bundle) return;
        if (names_) {
            bundle->log = house_.talk.log;
            bundle->author = house_.ana.reader_key();
        }
        if (rights_) bundle->next = house_.talk.verifier((bundle->epoch.value + 1) % 8);
        request.bundle.bundle = codec::encode(*bundle);
        if (!rights_) return;
        request.bundle.epoch_signature =
            access::sign(house_.talk.bundle_key(bundle->epoch.value % 8),
                         access::Label::BundleEpoch,
                         request.bundle.bundle);
        request.bundle.author_signature =
            access::sign(house_.ana.reader, access::Label::BundleAuthor, request.bundle.bundle);
    }

    void operator()(protocol::OpenLog& request) const {
        const bool inbox = (request.log.bytes[0] & 1U) != 0;
        if (names_) request.log = inbox ? house_.ana.inbox : house_.talk.log;
        if (rights_) request = house_.ana.opening(request.log, binding_);
    }

    void operator()(protocol::Read& request) const {
        const bool inbox = (request.log.bytes[0] & 1U) != 0;
        if (names_) request.log = inbox ? house_.ana.inbox : house_.talk.log;
    }

    void operator()(protocol::Acknowledge& request) const {
        const bool inbox = (request.log.bytes[0] & 1U) != 0;
        if (names_) request.log = inbox ? house_.ana.inbox : house_.talk.log;
    }

    void operator()(protocol::CreateRecordedLog& /*request*/) const {}

    void operator()(protocol::GetCheckpoint& /*request*/) const {}

    void operator()(protocol::ProveRecord& request) const {
        if (names_) request.log = house_.talk.log;
    }

    void operator()(protocol::ProveGrowth& /*request*/) const {}

    void operator()(protocol::Deposit& request) const {
        if (names_) request.inbox = house_.ben.inbox;
        if (rights_) request.token = house_.ben.deposit.copy();
    }

    void operator()(protocol::PutKeyPackages& request) const {
        if (names_) request.inbox = house_.ana.inbox;
    }

    void operator()(protocol::RotateInbox& request) const {
        if (names_) request.inbox = house_.ana.inbox;
    }

    void operator()(protocol::CountKeyPackages& request) const {
        if (names_) request.inbox = house_.ana.inbox;
    }

    void operator()(protocol::TakeKeyPackage& request) const {
        if (names_) request.inbox = house_.ben.inbox;
        if (rights_) request.token = house_.ben.deposit.copy();
    }

    void operator()(protocol::PutStep& request) const {
        if (names_) request.exchange = house_.exchange;
        if (rights_) request.token = house_.step_token.copy();
    }

    void operator()(protocol::GetStep& request) const {
        if (names_) request.exchange = house_.exchange;
        if (rights_) request.token = house_.step_token.copy();
    }

    void operator()(protocol::CreateBlob& /*request*/) const {}

    void operator()(protocol::PutChunk& request) const {
        if (names_) request.blob = house_.parcel.id;
        if (!rights_) return;
        request.token = house_.parcel.put_token.copy();
        // Of the size that every chunk has, which is too long for an input.
        request.chunk.resize(protocol::chunk_size);
    }

    void operator()(protocol::GetChunk& request) const {
        if (names_) request.blob = house_.parcel.id;
        if (rights_) request.token = house_.parcel.get_token.copy();
    }

    void operator()(protocol::PutShare& request) const {
        if (names_) request.key = house_.phone.key();
    }

    void operator()(protocol::DropShare& /*request*/) const {}

    void operator()(protocol::Guess& request) const {
        if (names_) request.next_key = as<HolderKey>(house_.phone.next);
        if (rights_) request.guess = house_.phone.guess_of(house_.phone.pin);
    }

    void operator()(protocol::PutCard& request) const {
        if (names_) request.inbox = house_.ana.inbox;
        if (rights_) {
            request.card = house_.card.id;
            request.secret = house_.card.put().secret;
        }
    }

    void operator()(protocol::BindCard& request) const {
        if (names_) request.inbox = house_.ana.inbox;
        if (rights_) request = house_.card.bind(house_.ana, house_.zoe);
    }

    void operator()(protocol::RevokeCard& request) const { name_own_card(request); }

    void operator()(protocol::DropCard& request) const { name_own_card(request); }

    void operator()(protocol::ListCards& request) const {
        if (names_) request.inbox = house_.ana.inbox;
    }

    void operator()(protocol::ReadCard& request) const { give_card(request); }

    void operator()(protocol::ClaimCard& request) const { give_card(request); }

    void operator()(protocol::UseCard& request) const { give_card(request); }

    void operator()(protocol::GetIncarnation& /*request*/) const {}

    // Entries that go on from the log's end are what no bytes come upon by themselves.
    void operator()(protocol::GiveBack& request) const {
        if (names_) request.log = house_.talk.log;
        if (!rights_) return;
        Seq position = house_.head;
        ChainHash chain = house_.chain;
        for (auto& entry : request.entries) {
            position = position.next();
            entry.seq = position;
            entry.chain = chain_after(chain, request.log, entry);
            chain = entry.chain;
        }
    }

    void operator()(protocol::DeclareKept& request) const {
        if (names_) request.log = house_.talk.log;
    }

    void operator()(protocol::AnswerCard& request) const { name_own_card(request); }

    void operator()(protocol::OpenAnswers& request) const { give_card(request); }

  private:
    template <class Request>
    void name_own_card(Request& request) const {
        if (names_) request.inbox = house_.ana.inbox;
        if (rights_) request.card = house_.card.id;
    }

    /// The free one or Zoe's, as the bytes say.
    template <class Request>
    void give_card(Request& request) const {
        const Ticket& card = (request.card.bytes[0] & 1U) != 0 ? house_.card : house_.bound;
        if (names_) request.card = card.id;
        if (rights_) request.secret = card.secret.copy();
    }

    House& house_;
    const crypto::Digest& binding_;
    bool names_;
    bool rights_;
};

/// Says who it is; false if it goes on as a stranger who sends what it likes.
bool introduce(House& house, Peer& peer, std::uint8_t who) {
    switch (who) {
        case 0:
            return peer.hello(peer.proof(house.ana)).has_value();
        case 1:
            return peer.hello(protocol::AsNewcomer{}).has_value();
        case 2:
            return peer.hello(peer.proof(house.officer)).has_value();
        case 3:
            return peer.hello(peer.proof(house.phone.pre_unlock)).has_value();
        case 4:
            return peer.hello(peer.proof(house.zoe.key)).has_value();
        default:
            return false;
    }
}

void converse(House& house, BytesView input) {
    codec::Reader reader(input);
    const auto who = reader.number<std::uint8_t>();
    if (!who) return;
    Peer peer = house.stranger();
    introduce(house, peer, *who);
    std::uint32_t number = 0;
    while (true) {
        const auto how = reader.number<std::uint8_t>();
        const auto letter = how ? reader.opaque() : Result<BytesView>(BytesView{});
        if (!how || !letter) break;
        if ((*how & WaitBefore) != 0) static_cast<void>(peer.receive(std::chrono::seconds{1}));
        auto body = codec::decode<protocol::RequestBody>(*letter);
        Bytes frame = to_bytes(*letter);
        if (body && (*how & AsItIs) == 0) {
            std::visit(Mender(house, peer.binding(), *how), *body);
            frame = codec::encode(protocol::Request{{++number}, *std::move(body)});
        }
        if (!peer.send(std::move(frame))) break;
    }
    while (peer.receive(std::chrono::seconds{1})) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static House house;
    static std::size_t inputs = 0;
    house.put_share_back();
    house.rehearsed->rehearse([&] {
        const std::size_t before = house.rehearsed->transactions;
        converse(house, {data, size});
        house.loop.run_for(std::chrono::minutes{2});
        must_hold(house.server->sessions() == 0);
        const bool wrote = house.rehearsed->transactions > before;
        if (wrote && ++inputs % 8 == 0) must_hold(relay::verify(*house.rehearsed).has_value());
    });
    return 0;
}
