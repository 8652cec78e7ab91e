/** Likes, hearts and viewers of a video in React. README.md says how to run it. */

import { connect } from 'likestream-client';
import { hearts } from 'likestream-client/hearts';
import { useLikestream } from 'likestream-client/react';
import { useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';

const url = new URLSearchParams(location.search).get('server') ?? 'http://localhost:8080';
const live = connect({ url });

function Likes({ video }) {
  const channel = `video:${video}`;
  const { like, total, viewers } = useLikestream(live, channel);
  const canvas = useRef(null);
  const button = useRef(null);
  const sky = useRef(null);

  useEffect(() => {
    sky.current = hearts(canvas.current, { from: button.current });
    // A second watcher of one channel costs nothing: both share what the stream brings.
    const others = live.watch(channel, { likes: ({ others }) => sky.current.burst(others) });
    return () => {
      others.close();
      sky.current.close();
    };
  }, [channel]);

  function tap() {
    sky.current.own();
    like();
  }

  return (
    <>
      <p>
        <button id="like" type="button" ref={button} onClick={tap}>
          ♥ <span id="total">{total}</span>
        </button>{' '}
        <span id="viewers">{viewers}</span> watching
      </p>
      <canvas ref={canvas} />
    </>
  );
}

createRoot(document.getElementById('root')).render(<Likes video="42" />);
