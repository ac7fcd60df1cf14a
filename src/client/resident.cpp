// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Resident: the inside of client/api.h's class of that name. One thread owns everything here; what
// comes from another one is posted to it.

#include <atomic>
#include <map>
#include <utility>

#include "client/card_hours.h"
#include "client/errand.h"
#include "client/outcome.h"
#include "client/tenancy.h"
#include "client/vault.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "net/thread.h"
#include "net/tls_network.h"

namespace cercle::client {
namespace {

/// Tells how a wish ended: once, even if it is dropped before it began.
class Answer {
  public:
    explicit Answer(std::function<void(const Outcome&)> on_done)
        : on_done_(std::move(on_done)) {}

    Answer(Answer&& other) noexcept
        : on_done_(std::exchange(other.on_done_, nullptr)) {}

    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    Answer& operator=(Answer&&) = delete;

    ~Answer() { tell({Exit::Interrupted, "interrupted", "the command was ended"}); }

    void tell(const Outcome& outcome) {
        if (const auto told = std::exchange(on_done_, nullptr)) told(outcome);
    }

  private:
    std::function<void(const Outcome&)> on_done_;
};

}  // namespace

struct Resident::State {
    explicit State(Settings wanted)
        : settings(std::move(wanted)),
          network(loop),
          world{loop, network, loop.clock(), random, diary(), disk, {}, offset_of_this_machine},
          tenancy(world,
                  settings,
                  [](World& surroundings, const Settings& own) {
                      return std::make_unique<MemberOwner>(surroundings, own);
                  }),
          stop_asked(loop),
          tasks(loop, world.diary) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() = default;

    Diary& diary() {
        if (settings.diary == Diaries::Standard) return standard;
        return silent;
    }

    /// The thread's whole work.
    void run() {
        static_cast<void>(loop.run_until(live()));
        // What was posted before stop() and not looked at yet.
        loop.run_for(Duration{0});
    }

    [[nodiscard]] net::Task<void> live() {
        CO_TRY_VOID(co_await stop_asked.wait(net::Deadline::never()));
        static_cast<void>(co_await tasks.close());
        co_return co_await tenancy.leave();
    }

    void begin(Ticket ticket, Wish wish) {
        Answer answer(std::move(wish.on_done));
        // Refused while everything ends; the answer is then given by its going.
        static_cast<void>(tasks.spawn(fulfil(ticket, std::move(wish), std::move(answer))));
    }

    [[nodiscard]] net::Task<void> fulfil(Ticket ticket, Wish wish, Answer answer) {
        std::uint64_t reached = 0;
        wish.command = ready(wish.command, random);
        const ByteSink bytes = [&wish, &reached](const Bytes& encoded) {
            const auto event = codec::decode<Event>(encoded);
            if (!event) return;
            if (const auto* place = std::get_if<Reached>(&*event)) reached = place->place;
            wish.on_event(*event);
        };
        net::TaskGroup work(loop, world.diary);
        net::Event done(loop);
        Outcome outcome{Exit::Interrupted, "interrupted", "the command was ended"};
        running.emplace(ticket, &work);
        const auto seconds = wish.patience.transform([](std::chrono::seconds patience) {
            return static_cast<std::uint32_t>(patience.count());
        });
        const Errand errand = errand_of(wish.command, seconds, reached);
        const auto spawned =
            work.spawn(keep_outcome(tenancy.perform(errand, bytes), outcome, done));
        if (spawned) static_cast<void>(co_await done.wait(net::Deadline::never()));
        running.erase(ticket);
        static_cast<void>(co_await work.close());
        answer.tell(outcome);
        co_return Result<void>();
    }

    void end(Ticket ticket) {
        const auto found = running.find(ticket);
        if (found != running.end()) found->second->cancel();
    }

    Settings settings;
    net::Loop loop{net::Loop::Kind::Real};
    net::TlsNetwork network;
    crypto::SystemRandom random;
    SilentDiary silent;
    StderrDiary standard;
    store::SystemDisk disk;
    World world;
    Tenancy tenancy;
    net::Event stop_asked;
    net::TaskGroup tasks;
    std::map<Ticket, net::TaskGroup*> running;

    // What other threads may touch.
    std::atomic<std::uint64_t> tickets = 0;
    std::atomic<bool> stopping = false;
    std::optional<net::Thread> thread;
};

std::expected<std::unique_ptr<Resident>, Outcome> Resident::open(Settings settings) {
    const store::SystemDisk disk;
    if (has_vault(disk, settings.home)) {
        auto word = settings.passphrase ? settings.passphrase() : std::nullopt;
        if (!word || word->empty()) {
            return std::unexpected(
                outcome_of(fail(Code::vault_locked,
                                "the vault is locked; give its passphrase by --pass-file or in a"
                                " terminal")
                               .error()));
        }
        const auto tried = try_passphrase(disk, settings.home, *word);
        if (!tried) return std::unexpected(outcome_of(tried.error()));
        settings.passphrase = [kept = std::make_shared<std::optional<Secret>>(std::move(word))] {
            return std::exchange(*kept, std::nullopt);
        };
    }
    return std::unique_ptr<Resident>(new Resident(std::make_unique<State>(std::move(settings))));
}

Resident::Resident(std::unique_ptr<State> state)
    : state_(std::move(state)) {
    state_->thread.emplace([living = state_.get()] { living->run(); });
}

Resident::~Resident() {
    stop();
}

std::optional<Ticket> Resident::submit(Wish wish) {
    if (state_->stopping) return std::nullopt;
    const Ticket ticket{++state_->tickets};
    state_->loop.post([living = state_.get(), ticket, wish = std::move(wish)]() mutable {
        living->begin(ticket, std::move(wish));
    });
    return ticket;
}

void Resident::cancel(Ticket ticket) {
    if (state_->stopping) return;
    state_->loop.post([living = state_.get(), ticket] { living->end(ticket); });
}

void Resident::stop() {
    if (state_->stopping.exchange(true)) return;
    state_->loop.post([living = state_.get()] { living->stop_asked.set(); });
    state_->thread.reset();
}

}  // namespace cercle::client
