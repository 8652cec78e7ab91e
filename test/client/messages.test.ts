import { dispatch, type Messages } from '../../client/messages';

it('reports what a handler of the page throws, and goes on', () => {
  const error = new Error('of the page');
  const reported = jest.fn();
  Object.defineProperty(globalThis, 'reportError', { value: reported, configurable: true });
  const status = () => {
    throw error;
  };
  const none = () => {};
  const receivers: Messages = { status, tab: none, event: none, state: none, cut: none };
  dispatch(receivers, ['status', { state: 'paused' }]);
  expect(reported).toHaveBeenCalledWith(error);
});
