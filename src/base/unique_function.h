#pragma once
// A move-only std::function: what a completion is, since it may own the reply it completes. Calling an empty one asserts.
#include <memory>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace surgetank {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& f) : callable_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}
  explicit operator bool() const { return callable_ != nullptr; }
  R operator()(Args... args) {
    SURGE_ASSERT(callable_ != nullptr, "an empty function was called");
    return callable_->call(std::forward<Args>(args)...);
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual R call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Callable {
    explicit Holder(F f) : function(std::move(f)) {}
    R call(Args... args) override { return function(std::forward<Args>(args)...); }
    F function;
  };
  std::unique_ptr<Callable> callable_;
};

}  // namespace surgetank
