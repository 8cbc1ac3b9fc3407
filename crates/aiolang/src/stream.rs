//! Asynchronous generators of scripts as streams of Rust.

use crate::call::{Begun, Call};
use crate::convert::{FromScript, IntoArgs};
use crate::error::Error;
use crate::isolate::Inner;
use crate::scope::Scope;
use crate::value::Value;
use futures_core::Stream;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

type MakeIterator = Box<dyn FnOnce(&Scope<'_>) -> Result<Value, Error> + Send>;

enum State {
    /// The generator is not made yet.
    New(MakeIterator),
    /// Between two items.
    Resting(Value),
    /// The next item is awaited.
    Awaiting(Value, Call<Value>),
    /// At the end.
    Done,
}

/// See [`Isolate::stream`](crate::Isolate::stream). Dropping it closes the generator.
pub struct ScriptStream<T> {
    inner: Arc<Inner>,
    state: State,
    item: PhantomData<fn() -> T>,
}

impl<T> ScriptStream<T> {
    pub(crate) fn new(inner: Arc<Inner>, name: String, args: impl IntoArgs + Send + 'static) -> ScriptStream<T> {
        let make: MakeIterator = Box::new(move |s| {
            let made = s.call_raw(&s.find(&name)?, args)?;
            let vm = s.vm;
            let asynchronous = s.told(vm.look_attr(&made, &vm.intern("__aiter__")))?;
            let iterator = match asynchronous {
                Some(aiter) => s.told(vm.call(&aiter, &[]))?,
                None => s.told(vm.iter(&made))?,
            };
            Ok(s.root_raw(iterator))
        });
        ScriptStream { inner, state: State::New(make), item: PhantomData }
    }

    fn next(&self, iterator: &Value) -> Call<Value> {
        let iterator = iterator.clone();
        let begin = move |s: &Scope<'_>| {
            let it = s.embedded().value_of(&iterator)?;
            match s.told(s.vm.look_attr(&it, &s.vm.intern("__anext__")))? {
                Some(next) => s.told(s.vm.call(&next, &[])).map(Begun),
                None => match s.told(s.vm.next(&it))? {
                    Some(item) => Ok(Begun(item)),
                    None => Err(Error::exception("StopAsyncIteration", "")),
                },
            }
        };
        Call::begin_with(Arc::clone(&self.inner), Box::new(begin))
    }
}

impl<T: FromScript + Unpin> Stream for ScriptStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::New(make) => {
                    let inner = Arc::clone(&self.inner);
                    let made = match inner.try_enter(cx.waker()) {
                        Ok(Some(stay)) => make(&Scope::new(stay.vm())),
                        Ok(None) => {
                            self.state = State::New(make);
                            return Poll::Pending;
                        }
                        Err(e) => Err(e),
                    };
                    match made {
                        Ok(iterator) => self.state = State::Resting(iterator),
                        Err(e) => return Poll::Ready(Some(Err(e))),
                    }
                }
                State::Resting(iterator) => {
                    let call = self.next(&iterator);
                    self.state = State::Awaiting(iterator, call);
                }
                State::Awaiting(iterator, mut call) => {
                    let polled = Pin::new(&mut call).poll(cx);
                    match polled {
                        Poll::Pending => {
                            self.state = State::Awaiting(iterator, call);
                            return Poll::Pending;
                        }
                        Poll::Ready(Ok(item)) => {
                            let inner = Arc::clone(&self.inner);
                            let stay = match inner.enter() {
                                Ok(stay) => stay,
                                Err(e) => return Poll::Ready(Some(Err(e))),
                            };
                            let scope = Scope::new(stay.vm());
                            self.state = State::Resting(iterator);
                            return Poll::Ready(Some(item.to(&scope)));
                        }
                        Poll::Ready(Err(e)) if e.type_name() == "StopAsyncIteration" => return Poll::Ready(None),
                        Poll::Ready(Err(e)) => return Poll::Ready(Some(Err(e))),
                    }
                }
            }
        }
    }
}

impl<T> Drop for ScriptStream<T> {
    fn drop(&mut self) {
        let iterator = match std::mem::replace(&mut self.state, State::Done) {
            State::Resting(iterator) => iterator,
            State::Awaiting(iterator, call) => {
                drop(call);
                iterator
            }
            State::New(_) | State::Done => return,
        };
        let Ok(mut stay) = self.inner.enter() else { return };
        let vm = stay.vm();
        let close = stay.embedded().value_of(&iterator).ok().and_then(|it| {
            let close = vm.look_attr(&it, &vm.intern("aclose")).ok().flatten()?;
            vm.call(&close, &[]).ok()
        });
        if let Some(close) = close {
            // The generator's `finally` runs as a task; what it fails with has no one to be told.
            let number = self.inner.number();
            if self.inner.spawn(&mut stay, close, number).is_ok() {
                let _ = self.inner.turn(&mut stay);
                stay.embedded().forget_task(number);
            }
        }
    }
}
