import { tierName } from '../api/report';
import styles from './styles.module.css';

/** A contract's tiers may have any name; those of the default contract have the colour of their metal. */
const METAL: Record<string, string> = {
  bronze: '#b87333',
  silver: '#a8adb4',
  gold: '#e0b020',
};

export const Tier = ({ tier }: { tier: string | null }) => (
  <span>
    <span
      className={styles.medal}
      style={{ background: METAL[tier ?? ''] ?? 'transparent' }}
      aria-hidden
    />
    {tierName(tier)}
  </span>
);
